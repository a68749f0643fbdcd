import { randomUUID } from "node:crypto";
import { log } from "../logger.ts";
import { textOf } from "./bytes.ts";
import type { Command, Outcome } from "./engine.ts";
import type { RedisStore } from "./settings.ts";
import { refusal, Unusable } from "./unusable.ts";

/** Sends one command and resolves with its outcome. */
export type Ask = (command: Command) => Promise<Outcome>;

/** Scripts with flags, and EXPIRETIME. */
const LEAST_VERSION = 7;

/** A key that no command of the preparation writes. */
const PROBE = "gateway:probe";

/** One command of each kind that the protocol promises, as the user must be permitted to run them. */
const NEEDED: readonly Command[] = [
  ["GET", PROBE],
  ["SET", PROBE, "1"],
  ["DEL", PROBE],
  ["INCR", PROBE],
  ["PEXPIRE", PROBE, "1"],
  ["MGET", PROBE],
  ["HSET", PROBE, "f", "1"],
  ["HGETALL", PROBE],
  ["RPUSH", PROBE, "1"],
  ["LRANGE", PROBE, "0", "1"],
  ["SADD", PROBE, "1"],
  ["SMEMBERS", PROBE],
  ["ZADD", PROBE, "1", "m"],
  ["ZRANGE", PROBE, "0", "1"],
  ["SCAN", "0"],
  ["EVAL", "return 1", "0"],
  ["EVALSHA", "0".repeat(40), "0"],
  ["SCRIPT", "EXISTS", "0".repeat(40)],
];

/** Chooses the database of a new connection and checks the server. Throws an {@link Unusable} with the reason. */
export async function prepareServer(ask: Ask, { database }: RedisStore): Promise<void> {
  if (database > 0) {
    const selected = await ask(["SELECT", String(database)]);
    if ("error" in selected)
      throw new Unusable(`Redis refuses the database ${database}: ${textOf(selected.error)}`);
  }
  const info = await serverInfo(ask);
  checkServer(info);
  await checkRights(ask);
  await noteRun(ask, info);
}

type Info = ReadonlyMap<string, string>;

async function serverInfo(ask: Ask): Promise<Info> {
  const outcome = await ask(["INFO"]);
  if ("error" in outcome) throw refusal(textOf(outcome.error));
  const lines = String(outcome.result).split("\r\n");
  return new Map(
    lines.flatMap((line) => {
      const [, name, value] = /^([a-z_0-9]+):(.*)$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value]];
    }),
  );
}

function checkServer(info: Info): void {
  const version = info.get("redis_version") ?? "0";
  if (Number.parseInt(version, 10) < LEAST_VERSION) {
    throw new Unusable(`Redis ${version} is too old: it must be ${LEAST_VERSION} or newer`);
  }
  if (info.get("redis_mode") === "cluster")
    throw new Unusable("it is a Redis Cluster, which is not supported");
  if (info.get("role") === "slave") throw new Unusable("it is a replica, which cannot be written to");
  if (info.get("loading") === "1") throw new Unusable("Redis is still loading its data");
  const policy = info.get("maxmemory_policy") ?? "noeviction";
  if (info.get("maxmemory") !== "0" && policy !== "noeviction") {
    log("error", "redis may evict keys that are needed: set its maxmemory-policy to noeviction", { policy });
  }
}

/** Queues every needed command in a transaction, where Redis checks the rights, and discards it. */
async function checkRights(ask: Ask): Promise<void> {
  const commands = [["MULTI"], ...NEEDED, ["DISCARD"]] satisfies Command[];
  const outcomes = await Promise.all(commands.map(ask));
  for (const outcome of outcomes) if ("error" in outcome) throw refusal(textOf(outcome.error));
}

/** Holds the identity of the Redis process that was last connected to. */
const RUN_KEY = "gateway:run";

/** Exists while Redis holds all that was written to it: whoever needs that rebuilds what is missing, then sets it. */
const EPOCH_KEY = "epoch";

const NOTE_RUN = `
if redis.call("GET", KEYS[1]) == ARGV[1] then return 0 end
redis.call("SET", KEYS[1], ARGV[1])
return redis.call("DEL", KEYS[2])`;

/**
 * Removes the epoch when this is another Redis process than last time. A Redis that keeps its data over a restart, or a
 * replica that has become the primary, lacks the newest writes, although Redis had acknowledged them.
 */
async function noteRun(ask: Ask, info: Info): Promise<void> {
  const run = info.get("run_id") ?? "";
  // Some hosted ones hide it: then every connection counts as one to another process.
  const identity = /[^0]/.test(run) ? run : randomUUID();
  const outcome = await ask(["EVAL", NOTE_RUN, "2", RUN_KEY, EPOCH_KEY, identity]);
  if ("error" in outcome) throw refusal(textOf(outcome.error));
  if (outcome.result === 1) log("info", "redis has restarted and may lack its newest writes");
}
