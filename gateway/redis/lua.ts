/// <reference path="./fengari.d.ts" />
import type { LuaString, State } from "fengari";

// Redis' Lua is 5.1, which formats 10 / 2 as "5" and not "5.0". The machine reads this setting when it is loaded.
process.env.FENGARICONF = JSON.stringify({ LUA_COMPAT_FLOATSTRING: true });

const { default: fengari } = await import("fengari");

export const { lua, lauxlib, lualib } = fengari;
export type { State };

/** A string of Lua, from bytes. */
export function luaString(bytes: string): LuaString {
  const string = new Uint8Array(bytes.length);
  for (let index = 0; index < bytes.length; index += 1) string[index] = bytes.charCodeAt(index);
  return string;
}

/** Up to this length, joining characters is faster than decoding a buffer. */
const SHORT = 64;

/** The bytes of the string at an index of the stack; a number is converted to a string. */
export function bytesAt(L: State, index: number): string {
  const string = lua.lua_tostring(L, index);
  if (string === null) return "";
  if (string.length > SHORT) {
    return Buffer.from(string.buffer, string.byteOffset, string.length).toString("latin1");
  }
  let bytes = "";
  for (const byte of string) bytes += String.fromCharCode(byte);
  return bytes;
}

export function pushBytes(L: State, bytes: string): void {
  lua.lua_pushstring(L, luaString(bytes));
}

/** Compiles a chunk. Returns whether it could; pushes the chunk or the error message. */
export function loadChunk(L: State, source: string, name: string): boolean {
  const chunk = luaString(withFloats(source));
  return lauxlib.luaL_loadbuffer(L, chunk, chunk.length, luaString(name)) === lua.LUA_OK;
}

/** A comment, a string, a name or a number. */
const TOKEN =
  /(?:--)?\[(=*)\[[\s\S]*?\]\1\]|--[^\n]*|"(?:\\[\s\S]|[^"\\])*"|'(?:\\[\s\S]|[^'\\])*'|[a-z_]\w*|0x[\da-f.]+|\d*\.?\d+(?:\.|e[+-]?\d+)?/gi;

/** Writes whole numbers as floats: every number of Lua 5.1 is a float; the machine's integers would wrap at 32 bits. */
function withFloats(source: string): string {
  return source.replace(TOKEN, (token) => (/^\d+$/.test(token) ? `${token}.0` : token));
}
