import fengari, { type State } from "fengari";
import type { Reply } from "./engine.ts";

const { lua, to_luastring } = fengari;
const OK = to_luastring("ok");
const ERR = to_luastring("err");

/** What a script returned: a reply, or an error it chose to return. */
export type ScriptReply = { readonly reply: Reply } | { readonly error: string };

/** Pushes a reply as Redis shows it to scripts: no value is `false`, a status is `{ok = …}`. */
export function pushReply(L: State, reply: Reply, status: boolean): void {
  if (reply === null) lua.lua_pushboolean(L, false);
  else if (typeof reply === "number") lua.lua_pushinteger(L, reply);
  else if (typeof reply !== "string") pushList(L, reply);
  else if (status) pushField(L, OK, reply);
  else pushText(L, reply);
}

/** Pushes a list of replies as a table. */
export function pushList(L: State, list: readonly Reply[]): void {
  lua.lua_createtable(L, list.length, 0);
  list.forEach((item, index) => {
    pushReply(L, item, false);
    lua.lua_rawseti(L, -2, index + 1);
  });
}

/** Pushes a string. */
export function pushText(L: State, text: string): void {
  lua.lua_pushstring(L, to_luastring(text));
}

/** Takes the value on top as Redis takes a script's result: numbers lose their fraction, a table ends at its first nil. */
export function takeReply(L: State): ScriptReply {
  const error = field(L, ERR);
  const result: ScriptReply = error === undefined ? { reply: replyAt(L, -1) } : { error };
  lua.lua_pop(L, 1);
  return result;
}

/** A script's argument to a command. Redis takes strings and numbers and nothing else. */
export function argumentAt(L: State, index: number): string | undefined {
  const type = lua.lua_type(L, index);
  if (type === lua.LUA_TSTRING) return textAt(L, index);
  return type === lua.LUA_TNUMBER ? String(lua.lua_tonumber(L, index)) : undefined;
}

/** The string at a place on the stack; bytes that are not UTF-8 become replacement characters. */
export function textAt(L: State, index: number): string {
  return Buffer.from(lua.lua_tostring(L, index) ?? []).toString("utf8");
}

function replyAt(L: State, index: number): Reply {
  switch (lua.lua_type(L, index)) {
    case lua.LUA_TSTRING:
      return textAt(L, index);
    case lua.LUA_TNUMBER:
      return Math.trunc(lua.lua_tonumber(L, index));
    case lua.LUA_TBOOLEAN:
      return lua.lua_toboolean(L, index) ? 1 : null;
    case lua.LUA_TTABLE:
      return field(L, OK) ?? listAt(L, lua.lua_absindex(L, index));
    default:
      return null;
  }
}

function listAt(L: State, table: number): Reply[] {
  const list: Reply[] = [];
  while (lua.lua_rawgeti(L, table, list.length + 1) !== lua.LUA_TNIL) {
    list.push(replyAt(L, -1));
    lua.lua_pop(L, 1);
  }
  lua.lua_pop(L, 1);
  return list;
}

function pushField(L: State, name: Uint8Array, value: string): void {
  lua.lua_createtable(L, 0, 1);
  pushText(L, value);
  lua.lua_setfield(L, -2, name);
}

/** A text field of the table on top, if that is one and has it. */
function field(L: State, name: Uint8Array): string | undefined {
  if (lua.lua_type(L, -1) !== lua.LUA_TTABLE) return undefined;
  const text = lua.lua_getfield(L, -1, name) === lua.LUA_TSTRING ? textAt(L, -1) : undefined;
  lua.lua_pop(L, 1);
  return text;
}
