/** The types of the used part of fengari, the Lua machine; the package has no types. */
declare module "fengari" {
  interface State {
    readonly __state: unique symbol;
  }

  /** A string of Lua: bytes. */
  type LuaString = Uint8Array;

  interface Lua {
    readonly LUA_OK: number;
    readonly LUA_REGISTRYINDEX: number;
    /** The index of the table of globals in the registry. A chunk gets the table that is there when it is compiled. */
    readonly LUA_RIDX_GLOBALS: number;
    readonly LUA_TNIL: number;
    readonly LUA_TBOOLEAN: number;
    readonly LUA_TLIGHTUSERDATA: number;
    readonly LUA_TNUMBER: number;
    readonly LUA_TSTRING: number;
    readonly LUA_TTABLE: number;
    lua_absindex(L: State, index: number): number;
    lua_checkstack(L: State, slots: number): boolean;
    lua_createtable(L: State, arraySize: number, recordSize: number): void;
    lua_error(L: State): never;
    lua_getfield(L: State, index: number, key: LuaString): number;
    lua_gettop(L: State): number;
    lua_next(L: State, index: number): number;
    lua_pcall(L: State, args: number, results: number, handler: number): number;
    lua_pop(L: State, count: number): void;
    lua_pushboolean(L: State, value: boolean): void;
    lua_pushcfunction(L: State, run: (L: State) => number): void;
    lua_pushlightuserdata(L: State, value: null): void;
    lua_pushnil(L: State): void;
    lua_pushnumber(L: State, value: number): void;
    lua_pushstring(L: State, value: LuaString): void;
    lua_pushvalue(L: State, index: number): void;
    lua_rawgeti(L: State, index: number, key: number): number;
    lua_rawseti(L: State, index: number, key: number): void;
    lua_setfield(L: State, index: number, key: LuaString): void;
    lua_settop(L: State, index: number): void;
    lua_toboolean(L: State, index: number): boolean;
    lua_tonumber(L: State, index: number): number;
    lua_tostring(L: State, index: number): LuaString | null;
    lua_type(L: State, index: number): number;
  }

  interface LuaAuxiliary {
    luaL_loadbuffer(L: State, chunk: LuaString, size: number, name: LuaString): number;
    luaL_newstate(): State;
    luaL_ref(L: State, table: number): number;
    luaL_unref(L: State, table: number, reference: number): void;
    /** Pushes `script:line: ` for the function at that level of the calls, or an empty string. */
    luaL_where(L: State, level: number): void;
  }

  const fengari: {
    readonly lua: Lua;
    readonly lauxlib: LuaAuxiliary;
    readonly lualib: { luaL_openlibs(L: State): void };
  };

  export type { LuaString, State };
  export default fengari;
}
