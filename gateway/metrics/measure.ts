import type { MiddlewareHandler } from "hono";
import type { Protocol } from "../access/client.ts";
import { type Counters, count } from "./counters.ts";
import type { RequestEnvironment } from "./request-variables.ts";

/** The operation of requests that are not let in. */
export const REFUSED = "refused";

/** Counts the requests of a protocol and measures how long each takes until its response is ready. */
export function measure(
  protocol: Protocol,
  { inProgress, requests }: Counters,
  observe: (operation: string, seconds: number) => void,
): MiddlewareHandler<RequestEnvironment> {
  const counts = requests[protocol];
  return async (c, next) => {
    const begun = performance.now();
    inProgress[protocol] += 1;
    await next();
    inProgress[protocol] -= 1;
    const operation = c.get("operation") ?? REFUSED;
    counts[operation] ??= {};
    count(counts[operation], String(c.res.status));
    observe(operation, (performance.now() - begun) / 1000);
  };
}
