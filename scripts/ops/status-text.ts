import type { OperatorStatus } from "../../schema/wire/operator.ts";
import { textTable } from "./text-table.ts";

/** The status as tables of layers, of what waits, and of leases. */
export function statusText({ health, redis, database }: OperatorStatus): string {
  const { ok, ...layers } = health;
  const states = Object.entries(layers).map(([layer, state]) => [layer, state.ok ? "ok" : "NOT WELL"]);
  const waiting = [
    ["Redis", redis === null ? "does not respond" : redisState(redis)],
    ["hand-overs not delivered", redis?.marks],
    ["the oldest of them", redis?.oldestMarkAt],
    ["records of status", redis?.status],
    ["facts not in the log", database?.pendingFacts],
    ["dead letters", database?.deadLetters],
    ["buckets", redis?.buckets],
    ["sockets", redis?.sockets],
  ];
  const workers = (redis?.workers ?? []).map(({ workerId, newestAt, leaseMs }) => [
    ...[workerId, newestAt],
    leaseMs === null ? "lapsed" : `${Math.round(leaseMs / 1000)} s`,
  ]);
  return [
    textTable(["LAYER", ok ? "" : "(the system is not well)"], states),
    textTable(["WHAT", ""], waiting),
    textTable(["SNOWFLAKE WORKER", "NEWEST ID AT", "LEASE"], workers),
  ].join("\n\n");
}

function redisState({ whole, recovering }: NonNullable<OperatorStatus["redis"]>): string {
  if (recovering) return "is being rebuilt";
  return whole ? "complete" : "EMPTY, to be rebuilt";
}
