import RedisMock from "ioredis-mock";
import { type Command, type Outcome, type RedisEngine, RedisRequestError, type Reply } from "./engine.ts";
import { LuaScripts } from "./lua-scripts.ts";
import { CommandRefused, mockArguments, requireKnown } from "./mock-arguments.ts";
import { callMock } from "./mock-calls.ts";
import { COMMAND_RULES, type KeyType } from "./mock-commands.ts";

const WRONG_TYPE = "WRONGTYPE Operation against a key holding the wrong kind of value";

/**
 * The embedded Redis: ioredis-mock, in memory and empty after every start, with the corrections it needs to refuse what
 * Redis refuses, and with its own, faster, scripts. Requests run one after the other, as in Redis itself.
 */
export class MockRedis implements RedisEngine {
  readonly #redis: InstanceType<typeof RedisMock>;
  readonly #scripts = new LuaScripts();
  #last: Promise<unknown> = Promise.resolve();

  constructor() {
    // ioredis-mock shares the data of all instances with the same address, of which tests have many in one process.
    this.#redis = new RedisMock({ host: `embedded-${crypto.randomUUID()}` });
  }

  pipeline(commands: readonly Command[]): Promise<readonly Outcome[]> {
    return this.#alone(() => this.#runAll(commands));
  }

  async transaction(commands: readonly Command[]): Promise<readonly Outcome[]> {
    for (const [name, ...args] of commands) refuseTransaction(name.toLowerCase(), args);
    return this.#alone(() => this.#runAll(commands));
  }

  async ping(): Promise<void> {
    await this.#redis.ping();
  }

  async close(): Promise<void> {
    await this.#last;
    this.#redis.disconnect();
  }

  /** Runs work when all that came before it has ended: a script waits for its commands, and nobody may step in. */
  #alone<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #runAll(commands: readonly Command[]): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const command of commands) {
      const outcome = this.#run(command);
      outcomes.push(outcome instanceof Promise ? await outcome : outcome);
    }
    return outcomes;
  }

  /** Runs one command; at once, unless it is a script or fails. */
  #run([givenName, ...args]: Command): Outcome | Promise<Outcome> {
    const name = givenName.toLowerCase();
    try {
      if (name === "eval" || name === "evalsha") return this.#evaluate(name, args);
      if (name === "script") return { result: this.#script(args) };
      return this.#runPlain(name, args);
    } catch (error) {
      if (error instanceof CommandRefused) return { error: error.message };
      throw error;
    }
  }

  #runPlain(name: string, args: readonly string[]): Outcome | Promise<Outcome> {
    requireKnown(name, args);
    const corrected = mockArguments(name, args);
    this.#requireType(name, args);
    const call = callMock(this.#redis, name, corrected);
    if ("failure" in call) return call.failure.then(({ message }) => ({ error: redisWords(message) }));
    if (REMOVING.has(name)) this.#removeEmptied(name, args);
    return { result: replyFrom(call.reply, name) };
  }

  #requireType(name: string, args: readonly string[]): void {
    const rule = COMMAND_RULES[name];
    if (rule === undefined || rule.type === "any") return;
    for (const key of args.slice(0, rule.keys)) {
      const type = this.#ask("type", key);
      if (type !== "none" && type !== rule.type) throw new CommandRefused(WRONG_TYPE);
    }
    if (INTEGER_VALUE.has(name)) this.#requireInteger(args);
  }

  #requireInteger([key = ""]: readonly string[]): void {
    const value = this.#ask("get", key);
    if (typeof value === "string" && !/^-?\d{1,18}$/.test(value)) {
      throw new CommandRefused("ERR value is not an integer or out of range");
    }
  }

  /** In Redis a list, set or hash without members does not exist; ioredis-mock lets some of them stay. */
  #removeEmptied(name: string, [key = ""]: readonly string[]): void {
    const size = SIZE_COMMANDS[COMMAND_RULES[name]?.type ?? "any"];
    if (size !== undefined && this.#ask(size, key) === 0) this.#ask("del", key);
  }

  /** The reply of a command that cannot fail. */
  #ask(name: string, key: string): unknown {
    const call = callMock(this.#redis, name, [key]);
    if ("failure" in call) throw new Error(`ioredis-mock failed to run ${name}`);
    return call.reply;
  }

  async #evaluate(name: string, [script = "", count = "", ...rest]: readonly string[]): Promise<Outcome> {
    const keys = /^\d{1,9}$/.test(count) ? Number(count) : Number.NaN;
    if (Number.isNaN(keys)) return { error: "ERR value is not an integer or out of range" };
    if (keys > rest.length) return { error: "ERR Number of keys can't be greater than number of args" };
    const loaded = name === "eval" ? this.#scripts.load(script) : { sha: script.toLowerCase() };
    if ("error" in loaded) return loaded;
    return this.#scripts.run(loaded.sha, rest.slice(0, keys), rest.slice(keys), (command) => {
      const name = command[0].toLowerCase();
      if (NOT_IN_SCRIPTS.has(name)) return { error: "ERR This Redis command is not allowed from script" };
      return this.#run(command);
    });
  }

  #script([action = "", ...args]: readonly string[]): Reply {
    switch (action.toLowerCase()) {
      case "load": {
        const loaded = this.#scripts.load(args[0] ?? "");
        if ("error" in loaded) throw new CommandRefused(loaded.error);
        return loaded.sha;
      }
      case "exists":
        return args.map((sha) => (this.#scripts.has(sha.toLowerCase()) ? 1 : 0));
      default:
        throw new CommandRefused(`ERR unknown subcommand '${action}'`);
    }
  }
}

const NOT_IN_SCRIPTS = new Set(["eval", "evalsha", "script"]);
const SIZE_COMMANDS: Readonly<Partial<Record<KeyType, string>>> = {
  hash: "hlen",
  list: "llen",
  set: "scard",
  zset: "zcard",
};
const INTEGER_VALUE = new Set(["incr", "decr", "incrby", "decrby"]);
const REMOVING = new Set([
  ...["lmove", "lpop", "lrem", "ltrim", "rpop", "rpoplpush", "smove", "spop", "srem", "hdel"],
  ...["zpopmax", "zpopmin", "zrem", "zremrangebyrank", "zremrangebyscore"],
]);

/** Redis refuses a whole transaction when it cannot queue one of its commands. */
function refuseTransaction(name: string, args: readonly string[]): void {
  if (NOT_IN_SCRIPTS.has(name)) return;
  try {
    requireKnown(name, args);
  } catch (error) {
    if (!(error instanceof CommandRefused)) throw error;
    throw new RedisRequestError(
      `EXECABORT Transaction discarded because of previous errors. ${error.message}`,
    );
  }
}

/** ioredis-mock's replies are ioredis': objects and numbers where the protocol has lists and texts. */
function replyFrom(value: unknown, name: string): Reply {
  if (value === null || value === undefined) return null;
  if (typeof value === "string") return value;
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (Array.isArray(value)) {
    const list = value.map((item) => replyFrom(item, name));
    return name.startsWith("zpop") ? list.map(String) : list;
  }
  return Object.entries(value).flatMap(([field, item]) => [field, replyFrom(item, name)]);
}

function redisWords(message: string): string {
  if (message.includes("does not contain a") || message.startsWith("WRONGTYPE")) return WRONG_TYPE;
  return /^[A-Z]+ /.test(message) ? message : `ERR ${message}`;
}
