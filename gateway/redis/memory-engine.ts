import { CommandError, type CommandSpec, type Commands, Status, type StoreReply } from "./command.ts";
import { type Command, type Outcome, type RedisEngine, RedisRequestError, type Reply } from "./engine.ts";
import { hashCommands } from "./hashes.ts";
import { keyCommands } from "./keys.ts";
import { Keyspace } from "./keyspace.ts";
import { listCommands } from "./lists.ts";
import { scriptCommands } from "./scripting.ts";
import { serverCommands } from "./server.ts";
import { setCommands } from "./sets.ts";
import { sortedSetAlgebraCommands } from "./sorted-set-algebra.ts";
import { sortedSetRangeCommands } from "./sorted-set-ranges.ts";
import { sortedSetCommands } from "./sorted-sets.ts";
import { stringCommands } from "./strings.ts";

const SWEEP_MS = 100;

/** The embedded Redis: in memory, empty after every start. A command, a transaction and a script are each atomic. */
export class MemoryRedis implements RedisEngine {
  readonly #store: Keyspace;
  readonly #commands: ReadonlyMap<string, CommandSpec>;
  readonly #sweeper: NodeJS.Timeout;

  /** `clock` returns the time in milliseconds since the epoch. */
  constructor(clock: () => number = Date.now) {
    this.#store = new Keyspace(clock);
    const commands: Commands = {
      ...stringCommands,
      ...keyCommands,
      ...hashCommands,
      ...listCommands,
      ...setCommands,
      ...sortedSetCommands,
      ...sortedSetRangeCommands,
      ...sortedSetAlgebraCommands,
      ...serverCommands,
      ...scriptCommands((command) => this.#find(command)),
    };
    this.#commands = new Map(Object.entries(commands));
    this.#sweeper = setInterval(() => this.#store.sweep(), SWEEP_MS).unref();
  }

  async pipeline(commands: readonly Command[]): Promise<readonly Outcome[]> {
    return commands.map((command) => {
      this.#store.tick();
      return this.#run(command);
    });
  }

  async transaction(commands: readonly Command[]): Promise<readonly Outcome[]> {
    for (const command of commands) {
      const refusal = this.#refusal(command);
      if (refusal !== undefined) {
        throw new RedisRequestError(`EXECABORT Transaction discarded because of previous errors. ${refusal}`);
      }
    }
    this.#store.tick();
    return commands.map((command) => this.#run(command));
  }

  queues(): Readonly<Record<string, number>> {
    return {};
  }

  async ping(): Promise<void> {}

  async close(): Promise<void> {
    clearInterval(this.#sweeper);
  }

  #run(command: Command): Outcome {
    const spec = this.#find(command);
    if (typeof spec === "string") return { error: this.#refusal(command) ?? spec };
    try {
      return { result: plain(spec.run(this.#store, command.slice(1))) };
    } catch (error) {
      if (error instanceof CommandError) return { error: error.message };
      throw error;
    }
  }

  #find([name, ...args]: Command): CommandSpec | "unknown" | "arity" {
    const spec = this.#commands.get(name.toUpperCase());
    if (spec === undefined) return "unknown";
    return args.length < spec.fewest || args.length > spec.most ? "arity" : spec;
  }

  /** The error message of a command that is unknown or has a wrong number of arguments. */
  #refusal(command: Command): string | undefined {
    const [name, ...args] = command;
    switch (this.#find(command)) {
      case "unknown":
        return `ERR unknown command '${name}', with args beginning with: ${args.map((arg) => `'${arg}' `).join("")}`;
      case "arity":
        return `ERR wrong number of arguments for '${name.toLowerCase()}' command`;
      default:
        return undefined;
    }
  }
}

/** Converts a reply for the protocol: a status becomes a string. */
function plain(reply: StoreReply): Reply {
  if (reply instanceof Status) return reply.text;
  return typeof reply === "object" && reply !== null ? reply.map(plain) : reply;
}
