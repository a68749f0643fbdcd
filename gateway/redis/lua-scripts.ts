import { hash } from "node:crypto";
import fengari, { type State } from "fengari";
import type { Command, Outcome, Reply } from "./engine.ts";
import { argumentAt, pushList, pushReply, pushText, takeReply, textAt } from "./lua-values.ts";

const { lua, lauxlib, lualib, to_luastring } = fengari;

/** Runs one command for a script. A status reply is told apart, because scripts see it as `{ok = …}`. */
export type RunCommand = (command: Command) => Promise<Outcome & { readonly status: boolean }>;

/**
 * A script is a coroutine that yields its commands: so it can wait for them, and one machine, with its libraries and
 * its compiled scripts, serves for all. Like Redis', it lets no script make a global variable.
 */
const PRELUDE = `
  local yield = coroutine.yield
  local function raise(message) error({ err = message }, 0) end
  redis = {
    call = function(...)
      local reply, message = yield(...)
      if message then raise(message) end
      return reply
    end,
    pcall = function(...)
      local reply, message = yield(...)
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

/** Lua scripts as Redis has them. They run one at a time: the caller sees to that. */
export class LuaScripts {
  readonly #machine = lauxlib.luaL_newstate();
  /** By SHA-1, where the compiled script lies in the machine's registry. */
  readonly #compiled = new Map<string, number>();

  constructor() {
    lualib.luaL_openlibs(this.#machine);
    if (lauxlib.luaL_dostring(this.#machine, to_luastring(PRELUDE)))
      throw new Error(textAt(this.#machine, -1));
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
    this.#setGlobal("KEYS", keys);
    this.#setGlobal("ARGV", args);
    const thread = lua.lua_newthread(this.#machine);
    try {
      lua.lua_rawgeti(this.#machine, lua.LUA_REGISTRYINDEX, reference);
      lua.lua_xmove(this.#machine, thread, 1);
      let status = lua.lua_resume(thread, null, 0);
      while (status === lua.LUA_YIELD)
        status = lua.lua_resume(thread, null, await runYielded(thread, command));
      return status === lua.LUA_OK ? returned(thread) : failed(thread);
    } finally {
      lua.lua_pop(this.#machine, 1);
    }
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

/** Runs the command that a script has yielded and leaves on its stack what it is resumed with: a reply and an error. */
async function runYielded(thread: State, command: RunCommand): Promise<number> {
  const given = Array.from({ length: lua.lua_gettop(thread) }, (_, index) => argumentAt(thread, index + 1));
  lua.lua_settop(thread, 0);
  lua.lua_checkstack(thread, STACK_SLOTS);
  const outcome = await outcomeOf(given, command);
  if ("error" in outcome) {
    lua.lua_pushboolean(thread, false);
    pushText(thread, outcome.error);
    return 2;
  }
  pushReply(thread, outcome.result, outcome.status);
  return 1;
}

function outcomeOf(given: readonly (string | undefined)[], command: RunCommand): ReturnType<RunCommand> {
  const [name, ...args] = given.filter((argument) => argument !== undefined);
  if (name === undefined || args.length + 1 < given.length) {
    const error = "ERR Lua redis lib command arguments must be strings or integers";
    return Promise.resolve({ error, status: false });
  }
  return command([name, ...args]);
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
