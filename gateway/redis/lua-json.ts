import { CommandError } from "./command.ts";
import { bytesAt, lua, luaString, pushBytes, type State } from "./lua.ts";

/** A table whose largest index is over this, and over twice the number of its items, cannot be encoded as a list. */
const SPARSE_INDEX = 10;
const SPARSE_RATIO = 2;
const MAX_DEPTH = 1000;

/** `cjson.encode`: the JSON of the value on top. A table with only indexes is a list; an empty one is an object. */
export function jsonOnTop(L: State, depth = 1): string {
  switch (lua.lua_type(L, -1)) {
    case lua.LUA_TNIL:
    case lua.LUA_TLIGHTUSERDATA:
      return "null";
    case lua.LUA_TBOOLEAN:
      return String(lua.lua_toboolean(L, -1));
    case lua.LUA_TNUMBER:
      return jsonNumber(lua.lua_tonumber(L, -1));
    case lua.LUA_TSTRING:
      return jsonString(bytesAt(L, -1));
    case lua.LUA_TTABLE:
      return jsonTable(L, depth);
    default:
      throw new CommandError("Cannot serialise: type not supported");
  }
}

/** `cjson.decode`: pushes the value of a JSON text; null becomes `cjson.null`. */
export function pushJson(L: State, text: string): void {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new CommandError(error instanceof Error ? error.message : String(error));
  }
  pushValue(L, value);
}

function pushValue(L: State, value: unknown): void {
  lua.lua_checkstack(L, 4);
  if (typeof value === "string") pushBytes(L, value);
  else if (typeof value === "number") lua.lua_pushnumber(L, value);
  else if (typeof value === "boolean") lua.lua_pushboolean(L, value);
  else if (typeof value !== "object" || value === null) lua.lua_pushlightuserdata(L, null);
  else {
    lua.lua_createtable(L, 0, 0);
    for (const [key, item] of Object.entries(value)) {
      pushValue(L, item);
      if (Array.isArray(value)) lua.lua_rawseti(L, -2, Number(key) + 1);
      else lua.lua_setfield(L, -2, luaString(key));
    }
  }
}

function jsonTable(L: State, depth: number): string {
  if (depth > MAX_DEPTH) throw new CommandError(`Cannot serialise, excessive depth (${depth})`);
  lua.lua_checkstack(L, 4);
  const entries: { readonly key: number | string; readonly json: string }[] = [];
  lua.lua_pushnil(L);
  while (lua.lua_next(L, -2) !== 0) {
    const json = jsonOnTop(L, depth + 1);
    lua.lua_pop(L, 1);
    entries.push({ key: keyOnTop(L), json });
  }
  const indexes = entries.map(({ key }) => key).filter((key) => typeof key === "number" && key >= 1);
  const last = Math.max(0, ...indexes.map(Number));
  if (last === 0 || indexes.length < entries.length) {
    return `{${entries.map(({ key, json }) => `${jsonString(String(key))}:${json}`).join(",")}}`;
  }
  if (last > SPARSE_INDEX && last > indexes.length * SPARSE_RATIO) {
    throw new CommandError("Cannot serialise table: excessively sparse array");
  }
  const list = Array<string>(last).fill("null");
  for (const { key, json } of entries) list[Number(key) - 1] = json;
  return `[${list.join(",")}]`;
}

function keyOnTop(L: State): number | string {
  switch (lua.lua_type(L, -1)) {
    case lua.LUA_TSTRING:
      return bytesAt(L, -1);
    case lua.LUA_TNUMBER: {
      const key = lua.lua_tonumber(L, -1);
      return Number.isInteger(key) ? key : jsonNumber(key);
    }
    default:
      throw new CommandError("Cannot serialise table: table key must be a number or string");
  }
}

function jsonNumber(value: number): string {
  if (!Number.isFinite(value)) throw new CommandError("Cannot serialise number: must not be NaN or Inf");
  return String(Number(value.toPrecision(14)));
}

function jsonString(bytes: string): string {
  return JSON.stringify(bytes).replaceAll("/", "\\/");
}
