import { constants } from "node:buffer";
import {
  CommandError,
  type Commands,
  OK,
  type Options,
  reads,
  type StoreReply,
  withOptions,
  writes,
} from "./command.ts";
import { EXPIRY, expiryOr, givenExpiry, positiveExpiry } from "./expiry.ts";
import type { Keyspace } from "./keyspace.ts";
import { addDecimals, addIntegers, index, integer, integerReply, slice } from "./numbers.ts";
import { STRING } from "./values.ts";

const SET_WORDS = { ...EXPIRY, KEEPTTL: 0, NX: 0, XX: 0, GET: 0 } as const;
const SET_OPTIONS = {
  words: SET_WORDS,
  exclusive: [["NX", "XX"], expiryOr("KEEPTTL")],
} as const;
const GETEX_OPTIONS = { words: { ...EXPIRY, PERSIST: 0 }, exclusive: [expiryOr("PERSIST")] } as const;

/** Redis takes 512 MiB; this is a few bytes less. */
const MAX_LENGTH = constants.MAX_STRING_LENGTH;

/** Strings and counters. */
export const stringCommands: Commands = {
  GET: reads(1, (store, [key]) => store.text(key) ?? null),
  SET: writes([2, "more"], withOptions(2, SET_OPTIONS, set)),
  SETNX: writes(2, (store, [key, value]) => (setAbsent(store, [[key, value]]) ? 1 : 0)),
  SETEX: writes(3, (store, [key, seconds, value]) => {
    store.set(key, value, positiveExpiry(store, "setex", "EX", seconds));
    return OK;
  }),
  PSETEX: writes(3, (store, [key, ms, value]) => {
    store.set(key, value, positiveExpiry(store, "psetex", "PX", ms));
    return OK;
  }),
  GETSET: writes(2, (store, [key, value]) => {
    const old = store.text(key) ?? null;
    store.set(key, value);
    return old;
  }),
  GETDEL: writes(1, (store, [key]) => {
    const value = store.text(key) ?? null;
    store.delete(key);
    return value;
  }),
  GETEX: writes([1, "more"], withOptions(1, GETEX_OPTIONS, getAndExpire)),
  MGET: reads([1, "more"], (store, [...keys]) => keys.map((key) => stringOrNull(store, key))),
  MSET: writes([2, "more"], (store, [...args]) => {
    for (const [key, value] of pairs("mset", args)) store.set(key, value);
    return OK;
  }),
  MSETNX: writes([2, "more"], (store, [...args]) => (setAbsent(store, pairs("msetnx", args)) ? 1 : 0)),
  APPEND: writes(2, (store, [key, value]) => {
    const old = store.text(key) ?? "";
    requireRoom(old.length + value.length);
    return overwrite(store, key, old + value);
  }),
  STRLEN: reads(1, (store, [key]) => store.text(key)?.length ?? 0),
  GETRANGE: reads(3, (store, [key, start, stop]) => {
    const within = slice(start, stop);
    const value = store.text(key) ?? "";
    return value.slice(...within(value.length));
  }),
  SETRANGE: writes(3, setRange),
  INCR: writes(1, (store, [key]) => increment(store, key, 1n)),
  DECR: writes(1, (store, [key]) => increment(store, key, -1n)),
  INCRBY: writes(2, (store, [key, by]) => increment(store, key, integer(by))),
  DECRBY: writes(2, (store, [key, by]) => {
    if (by === "-9223372036854775808") throw new CommandError("ERR decrement would overflow");
    return increment(store, key, -integer(by));
  }),
  INCRBYFLOAT: writes(2, (store, [key, by]) => {
    const sum = addDecimals(store.text(key) ?? "0", by);
    store.set(key, sum, "keep");
    return sum;
  }),
};

function set(
  store: Keyspace,
  options: Options<keyof typeof SET_WORDS>,
  [key, value]: [string, string],
): StoreReply {
  const expiresAt = givenExpiry(store, "set", options) ?? (options.has("KEEPTTL") ? "keep" : undefined);
  const old = options.has("GET") ? (store.text(key) ?? null) : undefined;
  const exists = store.has(key);
  const isRefused = exists ? options.has("NX") : options.has("XX");
  if (!isRefused) store.set(key, value, expiresAt);
  if (old !== undefined) return old;
  return isRefused ? null : OK;
}

function getAndExpire(
  store: Keyspace,
  options: Options<keyof (typeof GETEX_OPTIONS)["words"]>,
  [key]: [string],
): StoreReply {
  const value = store.text(key);
  if (value === undefined) return null;
  const expiresAt = givenExpiry(store, "getex", options);
  if (expiresAt !== undefined) store.expire(key, expiresAt);
  else if (options.has("PERSIST")) store.expire(key, Number.POSITIVE_INFINITY);
  return value;
}

function stringOrNull(store: Keyspace, key: string): string | null {
  const value = store.value(key);
  return value !== undefined && STRING.is(value) ? value : null;
}

/** Sets all of these, unless one of them exists. */
function setAbsent(store: Keyspace, entries: readonly (readonly [key: string, value: string])[]): boolean {
  if (entries.some(([key]) => store.has(key))) return false;
  for (const [key, value] of entries) store.set(key, value);
  return true;
}

function setRange(store: Keyspace, [key, start, part]: [string, string, string]): StoreReply {
  const offset = index(start);
  if (offset < 0) throw new CommandError("ERR offset is out of range");
  const old = store.text(key) ?? "";
  if (part === "") return old.length;
  requireRoom(offset + part.length);
  return overwrite(
    store,
    key,
    old.slice(0, offset).padEnd(offset, "\0") + part + old.slice(offset + part.length),
  );
}

/** Changes a string and leaves its expiry. */
function overwrite(store: Keyspace, key: string, value: string): number {
  store.set(key, value, "keep");
  return value.length;
}

function requireRoom(length: number): void {
  if (length > MAX_LENGTH) {
    throw new CommandError("ERR string exceeds maximum allowed size (proto-max-bulk-len)");
  }
}

function increment(store: Keyspace, key: string, by: bigint): StoreReply {
  const sum = addIntegers(integer(store.text(key) ?? "0"), by);
  store.set(key, String(sum), "keep");
  return integerReply(sum);
}

/** Arguments two by two. */
export function pairs(command: string, args: readonly string[]): [string, string][] {
  if (args.length % 2 !== 0) {
    throw new CommandError(`ERR wrong number of arguments for '${command}' command`);
  }
  return Array.from({ length: args.length / 2 }, (_, pair) => [
    args[2 * pair] ?? "",
    args[2 * pair + 1] ?? "",
  ]);
}
