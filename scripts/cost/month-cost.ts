import { COUNTED } from "./counted.ts";
import { OBJECT_GB, STORED_BYTES } from "./message-cost.ts";
import { dollarsFor, type Item } from "./prices.ts";
import type { Simulated } from "./simulation.ts";

/** For how many months messages are kept in the simulation. */
export const KEPT_MONTHS = 12;
/** The least that the database has, so that it never sleeps (CU). */
const LEAST_CU = 0.25;
const MONTH_HOURS = 730;
/** What an HTTP request takes of a Worker's CPU (milliseconds), guessed. */
const HTTP_CPU_MS = 2;
/** What a machine does of messages and of Redis commands a second: half of what two cores have done in the benchmark. */
const MACHINE = { messages: 1_500, commands: 30_000 };
/** Up to this part of a machine's work, the small one does it, and the gateway's machine can hold Redis, too. */
const SMALL = 0.3;
/** Brokers of a log that outgrows one machine. */
const BROKERS = 3;

const GB = 1_000_000_000;

/** What a month costs, in dollars. */
export type MonthCost = {
  workers: number;
  objects: number;
  /** Redis at Upstash, by the command, and on machines of one's own; the cheaper one counts */
  redisByCommand: number;
  ownRedis: number;
  postgres: number;
  /** the gateway with the log, and brokers where there are several gateways */
  log: number;
  together: number;
};

/** What a simulated system costs a month, with what the plans include; messages are kept for `KEPT_MONTHS`. */
export function monthCost({ atPeak, aMonth }: Simulated): MonthCost {
  const { messages, batch, httpRequests } = aMonth;
  const workersCpuMs = messages * perMessage("workersCpuMs", batch) + httpRequests * HTTP_CPU_MS;
  const workers =
    charge("workersPlan", 1) + charge("workerRequests", httpRequests) + charge("workerCpu", workersCpuMs);
  const objects =
    charge("objectRequests", aMonth.objectRequests) +
    charge("objectDuration", aMonth.objectSeconds * OBJECT_GB) +
    charge("objectRowsWritten", aMonth.objectRowsWritten);
  const redisByCommand = charge("redisCommands", aMonth.redisCommands);
  const redisMachines = atPeak.redisCommands / MACHINE.commands;
  const ownRedis = redisMachines < SMALL ? 0 : charge("machine", Math.ceil(redisMachines));
  const computeHours = (messages * perMessage("storesCpuMs", batch)) / 3_600_000;
  const postgres =
    charge("databaseCompute", Math.max(LEAST_CU * MONTH_HOURS, computeHours)) +
    charge("databaseStorage", (messages * KEPT_MONTHS * STORED_BYTES) / GB);
  const log = logCost(atPeak.messages / MACHINE.messages);
  const together = workers + objects + Math.min(redisByCommand, ownRedis) + postgres + log;
  return { workers, objects, redisByCommand, ownRedis, postgres, log, together };
}

function logCost(machines: number): number {
  if (machines < SMALL) return charge("smallMachine", 1);
  return charge("machine", machines <= 1 ? 1 : Math.ceil(machines) + BROKERS);
}

/** CPU time for a message: a hand-over has that of a message alone, which those in it share; each has that of a busy one. */
function perMessage(cpu: "workersCpuMs" | "storesCpuMs", batch: number): number {
  const [alone, busy] = COUNTED.loads;
  if (alone === undefined || busy === undefined) throw new Error("both loads have been counted");
  return (alone[cpu] - busy[cpu]) / batch + busy[cpu];
}

function charge(item: Item, units: number): number {
  return dollarsFor(item, units, { included: true });
}
