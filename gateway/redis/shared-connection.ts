import type { Command } from "./engine.ts";

/** Commands that would change, hold or end the one connection that all requests share, or end or demote the server. */
const REFUSED = new Set([
  ...["AUTH", "HELLO", "SELECT", "RESET", "QUIT", "CLIENT", "ASKING", "READONLY", "READWRITE"],
  ...["MULTI", "EXEC", "DISCARD", "WATCH", "UNWATCH"],
  ...["SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE", "MONITOR"],
  ...[
    "BLPOP",
    "BRPOP",
    "BRPOPLPUSH",
    "BLMOVE",
    "BLMPOP",
    "BZPOPMIN",
    "BZPOPMAX",
    "BZMPOP",
    "WAIT",
    "WAITAOF",
  ],
  ...["SYNC", "PSYNC", "REPLCONF", "REPLICAOF", "SLAVEOF", "FAILOVER", "SHUTDOWN", "DEBUG"],
]);

/** Commands that hold a connection only with an option. */
const READS_STREAMS = new Set(["XREAD", "XREADGROUP"]);

/** The error of a command that may not run on the shared connection; undefined when it may. Its text is that of Redis. */
export function refusalOf([name, ...args]: Command): string | undefined {
  const upper = name.toUpperCase();
  if (!REFUSED.has(upper) && !(READS_STREAMS.has(upper) && waits(args))) return undefined;
  return `ERR unknown command '${name}', with args beginning with: ${args.map((arg) => `'${arg}' `).join("")}`;
}

/** Whether the options, which come before the keys, make a reader of streams wait. */
function waits(args: readonly string[]): boolean {
  const words = args.map((arg) => arg.toUpperCase());
  const keys = words.indexOf("STREAMS");
  return words.slice(0, keys === -1 ? words.length : keys).includes("BLOCK");
}
