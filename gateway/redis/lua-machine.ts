import { hash } from "node:crypto";
import { CommandError, type StoreReply } from "./command.ts";
import type { Command } from "./engine.ts";
import { bytesAt, lauxlib, loadChunk, lua, lualib, luaString, pushBytes, type State } from "./lua.ts";
import { jsonOnTop, pushJson } from "./lua-json.ts";
import { argumentAt, errorOnTop, pushError, pushList, pushReply, replyOnTop } from "./lua-values.ts";

/**
 * Makes the globals of scripts, and returns two tables: the read-only one that scripts see, in which an unknown name is
 * an error, and the one behind it, into which KEYS and ARGV are set. Functions that would return integers return floats,
 * because the machine's integers wrap at 32 bits.
 */
const PRELUDE = `
  local call, pcall, sha1hex, encode, decode, null = ...
  local function status(field)
    return function(message)
      if type(message) ~= "string" then return { err = "ERR wrong number or type of arguments" } end
      if field == "err" and message:sub(1, 1) == "-" then message = message:sub(2) end
      return { [field] = message }
    end
  end
  local function floats(f)
    return function(...)
      local number = f(...)
      return number and number + 0.0
    end
  end
  tonumber, math.floor, math.ceil = floats(tonumber), floats(math.floor), floats(math.ceil)
  unpack, loadstring, table.getn, math.pow = table.unpack, load, function(t) return #t end, function(x, y) return x ^ y end
  redis = {
    call = call, pcall = pcall, sha1hex = sha1hex,
    error_reply = status("err"), status_reply = status("ok"),
    log = function() end, LOG_DEBUG = 0, LOG_VERBOSE = 1, LOG_NOTICE = 2, LOG_WARNING = 3,
  }
  cjson = { encode = encode, decode = decode, null = null }
  dofile, loadfile, require, package, io, os, debug, coroutine, print, collectgarbage = nil
  local function readonly(t)
    return setmetatable({}, {
      __index = t, __metatable = false,
      __newindex = function() error("Attempt to modify a readonly table", 2) end,
    })
  end
  for _, name in ipairs({ "redis", "cjson", "string", "table", "math" }) do _G[name] = readonly(_G[name]) end
  local real = setmetatable(_G, { __index = function(_, name)
    error("Script attempted to access nonexistent global variable '" .. tostring(name) .. "'", 2)
  end })
  real._G = readonly(real)
  return real._G, real
`;

const KEYS = luaString("KEYS");
const ARGV = luaString("ARGV");

/** Runs one command for a script; throws a {@link CommandError} when it fails. */
export type RunCommand = (command: Command) => StoreReply;

/** The reference of a compiled script in the machine's registry. */
export type Compiled = number;

/** The Lua machine of all Redis scripts. It runs one script at a time. */
export class LuaMachine {
  readonly #L = lauxlib.luaL_newstate();
  /** The reference of the table of globals that holds KEYS and ARGV. */
  readonly #globals: number;

  /** Runs the commands of the current script. */
  #runCommand: RunCommand = () => null;
  /** Where the latest error was raised: `script:line: `. */
  #failedAt = "";
  /** An error of a command that is not a {@link CommandError}. Kept here, because scripts can catch every Lua error. */
  #fault: unknown;

  constructor() {
    const L = this.#L;
    lualib.luaL_openlibs(L);
    if (!loadChunk(L, PRELUDE, "@prelude")) throw new Error(bytesAt(L, -1));
    lua.lua_pushcfunction(L, (thread) => this.#call(thread) || lua.lua_error(thread));
    lua.lua_pushcfunction(L, (thread) => this.#call(thread) || 1);
    const functions = [
      (thread: State) => pushBytes(thread, sha1(bytesAt(thread, 1))),
      (thread: State) => pushBytes(thread, jsonOnTop(thread)),
      (thread: State) => pushJson(thread, bytesAt(thread, 1)),
    ];
    for (const work of functions) lua.lua_pushcfunction(L, (thread) => attempt(thread, work));
    lua.lua_pushlightuserdata(L, null);
    if (lua.lua_pcall(L, 6, 2, 0) !== lua.LUA_OK) throw new Error(bytesAt(L, -1));
    this.#globals = lauxlib.luaL_ref(L, lua.LUA_REGISTRYINDEX);
    lua.lua_rawseti(L, lua.LUA_REGISTRYINDEX, lua.LUA_RIDX_GLOBALS);
  }

  compile(source: string): Compiled {
    const L = this.#L;
    if (!loadChunk(L, source, "@user_script")) {
      const message = bytesAt(L, -1);
      lua.lua_pop(L, 1);
      throw new CommandError(`ERR Error compiling script (new function): ${message}`);
    }
    return lauxlib.luaL_ref(L, lua.LUA_REGISTRYINDEX);
  }

  /** Frees a compiled script. */
  release(compiled: Compiled): void {
    lauxlib.luaL_unref(this.#L, lua.LUA_REGISTRYINDEX, compiled);
  }

  /** Runs a script to its end. Its errors name it by `sha`. */
  run(
    compiled: Compiled,
    sha: string,
    keys: readonly string[],
    args: readonly string[],
    runCommand: RunCommand,
  ): StoreReply {
    const L = this.#L;
    const top = lua.lua_gettop(L);
    this.#runCommand = runCommand;
    this.#fault = undefined;
    try {
      this.#setGlobals(keys, args);
      lua.lua_pushcfunction(L, (thread) => this.#noteFailure(thread));
      lua.lua_rawgeti(L, lua.LUA_REGISTRYINDEX, compiled);
      const status = lua.lua_pcall(L, 0, 1, top + 1);
      if (this.#fault !== undefined) throw this.#fault;
      if (status === lua.LUA_OK) return replyOnTop(L);
      const message = errorOnTop(L) ?? `ERR ${bytesAt(L, -1) || "nil"}`;
      const where = this.#failedAt.replace(/: $/, "");
      throw new CommandError(`${message} script: ${sha}, on ${where === "" ? "?" : `@${where}`}.`);
    } finally {
      lua.lua_settop(L, top);
    }
  }

  #setGlobals(keys: readonly string[], args: readonly string[]): void {
    const L = this.#L;
    lua.lua_rawgeti(L, lua.LUA_REGISTRYINDEX, this.#globals);
    pushList(L, keys);
    lua.lua_setfield(L, -2, KEYS);
    pushList(L, args);
    lua.lua_setfield(L, -2, ARGV);
    lua.lua_pop(L, 1);
  }

  /** Runs the command on the stack: pushes its reply and returns 1, or pushes its error and returns 0. */
  #call(thread: State): number {
    try {
      const count = lua.lua_gettop(thread);
      if (count === 0) {
        throw new CommandError("ERR Please specify at least one argument for this redis lib call");
      }
      const args: string[] = [];
      for (let index = 2; index <= count; index += 1) args.push(argumentAt(thread, index));
      const reply = this.#runCommand([argumentAt(thread, 1), ...args]);
      lua.lua_settop(thread, 0);
      pushReply(thread, reply);
      return 1;
    } catch (error) {
      if (!(error instanceof CommandError)) this.#fault = error;
      pushError(thread, error instanceof CommandError ? error.message : "ERR internal error");
      return 0;
    }
  }

  /** The handler of uncaught errors: notes the script line that raised the error, itself or in a function it called. */
  #noteFailure(thread: State): number {
    this.#failedAt = "";
    for (let level = 1; level <= 3 && !this.#failedAt.startsWith("user_script:"); level += 1) {
      lauxlib.luaL_where(thread, level);
      this.#failedAt = bytesAt(thread, -1);
      lua.lua_pop(thread, 1);
    }
    return 1;
  }
}

/** The SHA-1 of a script, by which clients call it. */
export function sha1(bytes: string): string {
  return hash("sha1", Buffer.from(bytes, "latin1"));
}

/** Runs a function that a script has called and that pushes one value. Its {@link CommandError} becomes a Lua error. */
function attempt(thread: State, work: (thread: State) => void): number {
  try {
    work(thread);
    return 1;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    lauxlib.luaL_where(thread, 1);
    pushBytes(thread, bytesAt(thread, -1) + error.message);
  }
  return lua.lua_error(thread);
}
