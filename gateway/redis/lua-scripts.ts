import { hash } from "node:crypto";
import fengari, { type State } from "fengari";
import type { Command, Outcome, Reply } from "./engine.ts";
import { argumentAt, pushList, pushReply, pushText, takeReply, textAt } from "./lua-values.ts";

const { lua, lauxlib, lualib, to_luastring } = fengari;

/** Runs one command for a script. */
export type RunCommand = (command: Command) => Outcome | Promise<Outcome>;

/**
 * A script asks for its commands by a function, and gives way for those whose outcome is not there at once. So one
 * machine, with its libraries and compiled scripts, serves for all. Like Redis', it lets no script make a global variable.
 */
const PRELUDE = `
  local command, yield = ..., coroutine.yield
  local function run(...)
    local there, reply, message = command(...)
    if there then return reply, message end
    return yield()
  end
  local function raise(message) error({ err = message }, 0) end
  redis = {
    call = function(...)
      local reply, message = run(...)
      if message then raise(message) end
      return reply
    end,
    pcall = function(...)
      local reply, message = run(...)
      if message then return { err = message } end
      return reply
    end,
    error_reply = function(message) return { err = message } end,
    status_reply = function(message) return { ok = message } end,
  }
  unpack = table.unpack
  KEYS, ARGV = {}, {}
  dofile, loadfile, require, package, io, os, debug, coroutine = nil
  setmetatable(_G, {
    __newindex = function(_, name) error("Script attempted to create global variable '" .. tostring(name) .. "'", 2) end,
    __index = function(_, name) error("Script attempted to access nonexistent global variable '" .. tostring(name) .. "'", 2) end,
  })
`;

/** A status reply is told apart, because scripts see it as `{ok = …}`. */
type CommandOutcome = Outcome & { readonly status: boolean };

const STATUS_REPLIES = new Set([
  "flushall",
  "flushdb",
  "hmset",
  "lset",
  "ltrim",
  "mset",
  "ping",
  "psetex",
  "rename",
  "set",
  "setex",
  "type",
]);

/** Whether the reply, where there is one, is a status. `SET … GET` replies with a value instead. */
function repliesWithStatus(name: string, args: readonly string[]): boolean {
  return (
    STATUS_REPLIES.has(name) && !(name === "set" && args.slice(2).some((arg) => arg.toUpperCase() === "GET"))
  );
}

/** Lua scripts as Redis has them. They run one at a time: the caller sees to that. */
export class LuaScripts {
  readonly #machine = lauxlib.luaL_newstate();
  /** By SHA-1, where the compiled script lies in the machine's registry. */
  readonly #compiled = new Map<string, number>();

  /** Of the script that runs at the moment. */
  #runCommand: RunCommand = () => ({ error: "ERR no script runs" });
  #pending: Promise<CommandOutcome> | undefined;

  constructor() {
    const L = this.#machine;
    const prelude = to_luastring(PRELUDE);
    lualib.luaL_openlibs(L);
    const loaded = lauxlib.luaL_loadbuffer(L, prelude, prelude.length, to_luastring("@prelude"));
    lua.lua_pushcfunction(L, (thread) => this.#command(thread));
    if (loaded !== lua.LUA_OK || lua.lua_pcall(L, 1, 0, 0) !== lua.LUA_OK) throw new Error(textAt(L, -1));
  }

  /** Compiles a script, once, and gives its SHA-1; an error when it is not Lua. */
  load(source: string): { readonly sha: string } | { readonly error: string } {
    const sha = hash("sha1", source);
    if (this.#compiled.has(sha)) return { sha };
    const chunk = to_luastring(source);
    if (
      lauxlib.luaL_loadbuffer(this.#machine, chunk, chunk.length, to_luastring("@user_script")) !== lua.LUA_OK
    ) {
      const message = textAt(this.#machine, -1);
      lua.lua_pop(this.#machine, 1);
      return { error: `ERR Error compiling script (new function): ${message}` };
    }
    this.#compiled.set(sha, lauxlib.luaL_ref(this.#machine, lua.LUA_REGISTRYINDEX));
    return { sha };
  }

  /** Whether a script of that SHA-1 has been loaded. */
  has(sha: string): boolean {
    return this.#compiled.has(sha);
  }

  /** Runs a loaded script. */
  async run(
    sha: string,
    keys: readonly string[],
    args: readonly string[],
    command: RunCommand,
  ): Promise<Outcome> {
    const reference = this.#compiled.get(sha);
    if (reference === undefined) return { error: "NOSCRIPT No matching script. Please use EVAL." };
    this.#runCommand = command;
    this.#setGlobal("KEYS", keys);
    this.#setGlobal("ARGV", args);
    const thread = lua.lua_newthread(this.#machine);
    try {
      lua.lua_rawgeti(this.#machine, lua.LUA_REGISTRYINDEX, reference);
      lua.lua_xmove(this.#machine, thread, 1);
      let status = lua.lua_resume(thread, null, 0);
      while (status === lua.LUA_YIELD && this.#pending !== undefined) {
        const outcome = await this.#pending;
        lua.lua_settop(thread, 0);
        status = lua.lua_resume(thread, null, pushOutcome(thread, outcome));
      }
      return status === lua.LUA_OK ? returned(thread) : failed(thread);
    } finally {
      lua.lua_pop(this.#machine, 1);
    }
  }

  /** Called by a script: with a command on its stack, leaves whether its outcome is there, and the outcome. */
  #command(thread: State): number {
    const given = Array.from({ length: lua.lua_gettop(thread) }, (_, index) => argumentAt(thread, index + 1));
    const outcome = this.#outcomeOf(given);
    lua.lua_pushboolean(thread, !(outcome instanceof Promise));
    if (!(outcome instanceof Promise)) return 1 + pushOutcome(thread, outcome);
    this.#pending = outcome;
    return 1;
  }

  #outcomeOf(given: readonly (string | undefined)[]): CommandOutcome | Promise<CommandOutcome> {
    const [name, ...args] = given.filter((argument) => argument !== undefined);
    if (name === undefined || args.length + 1 < given.length) {
      return { error: "ERR Lua redis lib command arguments must be strings or integers", status: false };
    }
    const status = repliesWithStatus(name.toLowerCase(), args);
    const outcome = this.#runCommand([name, ...args]);
    return outcome instanceof Promise
      ? outcome.then((late) => ({ ...late, status }))
      : { ...outcome, status };
  }

  #setGlobal(name: string, values: readonly Reply[]): void {
    lua.lua_pushglobaltable(this.#machine);
    pushText(this.#machine, name);
    pushList(this.#machine, values);
    lua.lua_rawset(this.#machine, -3);
    lua.lua_pop(this.#machine, 1);
  }
}

/** What reading and pushing values takes of a thread's stack; one that yields or fails has no room of its own left. */
const STACK_SLOTS = 64;

/** Leaves an outcome on the stack: the reply, and the error where there is one. */
function pushOutcome(thread: State, outcome: CommandOutcome): number {
  lua.lua_checkstack(thread, STACK_SLOTS);
  if ("error" in outcome) {
    lua.lua_pushboolean(thread, false);
    pushText(thread, outcome.error);
    return 2;
  }
  pushReply(thread, outcome.result, outcome.status);
  return 1;
}

function returned(thread: State): Outcome {
  if (lua.lua_gettop(thread) === 0) return { result: null };
  const value = takeReply(thread);
  return "error" in value ? value : { result: value.reply };
}

function failed(thread: State): Outcome {
  lua.lua_checkstack(thread, STACK_SLOTS);
  if (lua.lua_type(thread, -1) === lua.LUA_TTABLE) {
    const value = takeReply(thread);
    if ("error" in value) return value;
  }
  return { error: `ERR ${textAt(thread, -1)}` };
}
