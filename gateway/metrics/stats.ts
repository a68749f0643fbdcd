import type { Counters, RequestCounts } from "./counters.ts";
import { REFUSED } from "./measure.ts";

/** The counters as `GET /stats` returns them: requests that were let in, whatever came of them. */
export function statsOf({ requests, records, commands, statements }: Counters) {
  const { user, system } = process.cpuUsage();
  return {
    kafka: { requests: letIn(requests.kafka), records },
    redis: { requests: sum(letIn(requests.redis)), commands },
    postgres: { requests: sum(letIn(requests.sql)), statements },
    process: { cpuSeconds: (user + system) / 1e6 },
  };
}

function letIn(counts: RequestCounts): Record<string, number> {
  const { [REFUSED]: _refused, ...operations } = counts;
  return Object.fromEntries(Object.entries(operations).map(([name, statuses]) => [name, sum(statuses)]));
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, one) => total + one, 0);
}
