import { CommandError, Status, type StoreReply } from "./command.ts";
import { bytesAt, lua, luaString, pushBytes, type State } from "./lua.ts";

const OK = luaString("ok");
const ERR = luaString("err");
const MIN_INTEGER = -(2n ** 63n);
/** The stack slots that reading or pushing one level of a value needs. */
const STACK_SLOTS = 8;

/** Pushes a reply as Redis converts it for scripts: null is `false`, a status is `{ok = …}`. */
export function pushReply(L: State, reply: StoreReply): void {
  if (typeof reply === "string") pushBytes(L, reply);
  else if (reply === null) lua.lua_pushboolean(L, false);
  else if (typeof reply === "number" || typeof reply === "bigint") lua.lua_pushnumber(L, Number(reply));
  else if (reply instanceof Status) pushField(L, OK, reply.text);
  else pushList(L, reply);
}

/** Pushes an error as Redis converts it for scripts. */
export function pushError(L: State, message: string): void {
  pushField(L, ERR, message);
}

/** Pushes a list as a table. */
export function pushList(L: State, list: readonly StoreReply[]): void {
  lua.lua_checkstack(L, STACK_SLOTS);
  lua.lua_createtable(L, list.length, 0);
  list.forEach((item, index) => {
    pushReply(L, item);
    lua.lua_rawseti(L, -2, index + 1);
  });
}

/**
 * The value on top as Redis converts a script's result: numbers lose their fraction, a table ends at its first nil.
 * Throws when the value is an error.
 */
export function replyOnTop(L: State): StoreReply {
  const error = errorOnTop(L);
  if (error !== undefined) throw new CommandError(error);
  return valueOnTop(L);
}

function valueOnTop(L: State): StoreReply {
  switch (lua.lua_type(L, -1)) {
    case lua.LUA_TSTRING:
      return bytesAt(L, -1);
    case lua.LUA_TNUMBER:
      return wholeNumber(lua.lua_tonumber(L, -1));
    case lua.LUA_TBOOLEAN:
      return lua.lua_toboolean(L, -1) ? 1 : null;
    case lua.LUA_TTABLE:
      return tableReply(L);
    default:
      return null;
  }
}

/** The message of the error on top; undefined when the value on top is not an error. */
export function errorOnTop(L: State): string | undefined {
  return lua.lua_type(L, -1) === lua.LUA_TTABLE ? field(L, ERR) : undefined;
}

/** A script's argument to a command. Throws for anything but strings and numbers. */
export function argumentAt(L: State, index: number): string {
  const type = lua.lua_type(L, index);
  if (type === lua.LUA_TSTRING) return bytesAt(L, index);
  if (type === lua.LUA_TNUMBER) return numberText(lua.lua_tonumber(L, index));
  throw new CommandError("ERR Lua redis lib command arguments must be strings or integers");
}

function tableReply(L: State): StoreReply {
  lua.lua_checkstack(L, STACK_SLOTS);
  const error = field(L, ERR);
  // An error inside a list becomes its text: a list of a reply cannot contain errors.
  if (error !== undefined) return error;
  const status = field(L, OK);
  if (status !== undefined) return new Status(status);
  const table = lua.lua_absindex(L, -1);
  const list: StoreReply[] = [];
  while (lua.lua_rawgeti(L, table, list.length + 1) !== lua.LUA_TNIL) {
    list.push(valueOnTop(L));
    lua.lua_pop(L, 1);
  }
  lua.lua_pop(L, 1);
  return list;
}

function wholeNumber(value: number): number | bigint {
  const whole = Math.trunc(value);
  if (Number.isSafeInteger(whole)) return whole === 0 ? 0 : whole;
  return Math.abs(whole) < 2 ** 63 ? BigInt(whole) : MIN_INTEGER;
}

/** A number in C's `%.17g`. */
function numberText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e17) return String(value);
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  return value
    .toPrecision(17)
    .replace(/\.?0+(?=e|$)/, "")
    .replace(/e([+-])(\d)$/, "e$10$2");
}

function pushField(L: State, name: Uint8Array, value: string): void {
  lua.lua_createtable(L, 0, 1);
  pushBytes(L, value);
  lua.lua_setfield(L, -2, name);
}

/** A text field of the table on top. */
function field(L: State, name: Uint8Array): string | undefined {
  const text = lua.lua_getfield(L, -1, name) === lua.LUA_TSTRING ? bytesAt(L, -1) : undefined;
  lua.lua_pop(L, 1);
  return text;
}
