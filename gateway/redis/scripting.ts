import {
  CommandError,
  type CommandSpec,
  type Commands,
  OK,
  reads,
  type StoreReply,
  writes,
} from "./command.ts";
import type { Command } from "./engine.ts";
import type { Keyspace } from "./keyspace.ts";
import { type Compiled, LuaMachine, sha1 } from "./lua-machine.ts";
import { index } from "./numbers.ts";

interface Script {
  readonly compiled: Compiled;
  readonly mayWrite: boolean;
}

/** The flags of a script's first line, `#!lua flags=…`: those of Redis, and one of Upstash, which is ignored. */
const FLAGS = [
  "no-writes",
  "allow-oom",
  "allow-stale",
  "no-cluster",
  "allow-cross-slot-keys",
  "allow-key-locking",
];

/** The most scripts of EVAL that are kept: as many as in Redis. */
const PASSING_SCRIPTS = 500;

/** Looks up a command: returns its specification, or why there is none. */
export type FindCommand = (command: Command) => CommandSpec | "unknown" | "arity";

/** Scripts: compiled once, kept by their SHA-1, each run without other commands in between. */
export function scriptCommands(find: FindCommand): Commands {
  const machine = new LuaMachine();
  const scripts = new Map<string, Script>();
  /** The scripts that were not loaded with SCRIPT LOAD, the least recently used first. */
  const passing = new Set<string>();

  return {
    EVAL: evaluating(writes, (source) => load(source, true)),
    EVALSHA: evaluating(writes, (sha) => sha.toLowerCase()),
    EVAL_RO: evaluating(reads, (source) => load(source, true)),
    EVALSHA_RO: evaluating(reads, (sha) => sha.toLowerCase()),
    SCRIPT: { ...reads([1, "more"], (_, [action, ...args]) => manage(action, args)), inScripts: false },
  };

  function evaluating(kind: typeof reads | typeof writes, shaOf: (script: string) => string): CommandSpec {
    const spec: CommandSpec = kind([2, "more"], (store, [script, count, ...rest]) => {
      const keys = index(count);
      if (keys > rest.length)
        throw new CommandError("ERR Number of keys can't be greater than number of args");
      if (keys < 0) throw new CommandError("ERR Number of keys can't be negative");
      return run(store, shaOf(script), spec.writes, rest.slice(0, keys), rest.slice(keys));
    });
    return { ...spec, inScripts: false };
  }

  /** Compiles a script unless it is known, and returns its SHA-1. A passing script, one of EVAL, may be evicted later. */
  function load(source: string, isPassing: boolean): string {
    const sha = sha1(source);
    const isNew = !scripts.has(sha);
    if (isNew) {
      const mayWrite = !flagsOf(source).includes("no-writes");
      scripts.set(sha, { compiled: machine.compile(source.replace(/^#![^\n]*/, "")), mayWrite });
    }
    const wasPassing = passing.delete(sha);
    if (isPassing && (isNew || wasPassing)) passing.add(sha);
    const [oldest] = passing;
    if (oldest !== undefined && passing.size > PASSING_SCRIPTS) forget(oldest);
    return sha;
  }

  function forget(sha: string): void {
    const script = scripts.get(sha);
    if (script !== undefined) machine.release(script.compiled);
    scripts.delete(sha);
    passing.delete(sha);
  }

  function run(
    store: Keyspace,
    sha: string,
    mayWrite: boolean,
    keys: readonly string[],
    args: readonly string[],
  ): StoreReply {
    const script = scripts.get(sha);
    if (script === undefined) throw new CommandError("NOSCRIPT No matching script. Please use EVAL.");
    return machine.run(script.compiled, sha, keys, args, (command) => {
      const spec = find(command);
      if (spec === "unknown") throw new CommandError("ERR Unknown Redis command called from script");
      if (spec === "arity") {
        throw new CommandError("ERR Wrong number of args calling Redis command from script");
      }
      if (!spec.inScripts) throw new CommandError("ERR This Redis command is not allowed from script");
      if (spec.writes && !(mayWrite && script.mayWrite)) {
        throw new CommandError("ERR Write commands are not allowed from read-only scripts.");
      }
      return spec.run(store, command.slice(1));
    });
  }

  function manage(action: string, args: readonly string[]): StoreReply {
    switch (action.toLowerCase()) {
      case "load":
        requireArguments("load", args, 1, 1);
        return load(args[0] ?? "", false);
      case "exists":
        requireArguments("exists", args, 1, Number.POSITIVE_INFINITY);
        return args.map((sha) => (scripts.has(sha.toLowerCase()) ? 1 : 0));
      case "flush":
        return flush(args);
      default:
        throw new CommandError(`ERR unknown subcommand '${action}'. Try SCRIPT HELP.`);
    }
  }

  function flush(args: readonly string[]): StoreReply {
    const [mode = "SYNC"] = args;
    if (args.length > 1 || !["SYNC", "ASYNC"].includes(mode.toUpperCase())) {
      throw new CommandError("ERR SCRIPT FLUSH only support SYNC|ASYNC option");
    }
    for (const sha of [...scripts.keys()]) forget(sha);
    return OK;
  }
}

function requireArguments(action: string, args: readonly string[], fewest: number, most: number): void {
  if (args.length < fewest || args.length > most) {
    throw new CommandError(`ERR wrong number of arguments for 'script|${action}' command`);
  }
}

function flagsOf(source: string): string[] {
  const line = /^#!([^\n]*)/.exec(source)?.[1];
  if (line === undefined) return [];
  const [engine, ...options] = line.trim().split(/\s+/);
  if (engine !== "lua") throw new CommandError(`ERR Unexpected engine in script shebang: ${engine}`);
  const flags = options.flatMap((option) => {
    if (!option.startsWith("flags=")) throw new CommandError(`ERR Unknown lua shebang option: ${option}`);
    return option.slice("flags=".length).split(",");
  });
  const unknown = flags.find((flag) => !FLAGS.includes(flag));
  if (unknown !== undefined) throw new CommandError(`ERR Unexpected flag in script shebang: ${unknown}`);
  return flags;
}
