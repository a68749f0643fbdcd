import { Health } from "../../../schema/wire/health.ts";
import type { GatewayStats } from "../../harness/gateway-stats.ts";
import type { System } from "../../harness/system.ts";
import type { Counts } from "../counts.ts";

/** The layers that count what their isolates do. */
const LAYERS = ["api", "logic", "task", "connect"] as const;

/** Reads all counters of a system. The health check causes operations itself, so it stays outside the counted span. */
export async function readOperations(system: System, when: "before" | "after"): Promise<Counts> {
  if (when === "before") {
    const isolates = await readIsolates(system);
    return { ...storeCounts(await system.gatewayStats()), ...isolates };
  }
  const stores = storeCounts(await system.gatewayStats());
  return { ...stores, ...(await readIsolates(system)) };
}

function storeCounts({ kafka, redis, postgres }: GatewayStats): Counts {
  return {
    "Redis round trips": redis.requests,
    "Redis commands": sum(redis.commands),
    ...named("Redis: ", redis.commands),
    "Kafka requests": sum(kafka.requests),
    ...named("Kafka: ", kafka.requests),
    "SQL round trips": postgres.requests,
    "SQL statements": postgres.statements,
  };
}

/** The sums of the counters of each layer's isolates. Instances that are not isolates have no counters. */
async function readIsolates(system: System): Promise<Counts> {
  const response = await fetch(`${system.url}/api/v1/health`);
  const health = Health.parse(await response.json());
  const counts: Counts = {};
  for (const layer of LAYERS) {
    for (const instance of health[layer].instances) {
      if (!("isolate" in instance)) continue;
      for (const [name, value] of Object.entries(instance)) {
        const key = `${layer}: ${name}`;
        if (typeof value === "number") counts[key] = (counts[key] ?? 0) + value;
      }
    }
  }
  return counts;
}

function sum(counts: Counts): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

function named(prefix: string, counts: Counts): Counts {
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [prefix + name, count]));
}
