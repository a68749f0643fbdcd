import {
  CommandError,
  type Commands,
  OK,
  type Options,
  optionNamed,
  parseOptions,
  reads,
  Status,
  type StoreReply,
  syntaxError,
  writes,
} from "./command.ts";
import { type EXPIRY, expiryAt } from "./expiry.ts";
import { globMatcher } from "./glob.ts";
import type { Keyspace } from "./keyspace.ts";
import { scanCount, scanCursor } from "./scan.ts";
import { typeOf } from "./values.ts";

const EXPIRE_CONDITIONS = { NX: 0, XX: 0, GT: 0, LT: 0 } as const;
const SCAN_OPTIONS = { words: { MATCH: 1, COUNT: 1, TYPE: 1 } } as const;

/** Commands for keys of all types, and for their expiry. */
export const keyCommands: Commands = {
  DEL: writes([1, "more"], (store, [...keys]) => keys.filter((key) => store.delete(key)).length),
  UNLINK: writes([1, "more"], (store, [...keys]) => keys.filter((key) => store.delete(key)).length),
  EXISTS: reads([1, "more"], (store, [...keys]) => keys.filter((key) => store.has(key)).length),
  TOUCH: reads([1, "more"], (store, [...keys]) => keys.filter((key) => store.has(key)).length),
  TYPE: reads(1, (store, [key]) => {
    const value = store.value(key);
    return new Status(value === undefined ? "none" : typeOf(value));
  }),
  EXPIRE: expiring("expire", "EX"),
  PEXPIRE: expiring("pexpire", "PX"),
  EXPIREAT: expiring("expireat", "EXAT"),
  PEXPIREAT: expiring("pexpireat", "PXAT"),
  TTL: reads(1, (store, [key]) => timeOf(store, key, (at) => Math.floor((at - store.now + 500) / 1000))),
  PTTL: reads(1, (store, [key]) => timeOf(store, key, (at) => at - store.now)),
  EXPIRETIME: reads(1, (store, [key]) => timeOf(store, key, (at) => Math.floor((at + 500) / 1000))),
  PEXPIRETIME: reads(1, (store, [key]) => timeOf(store, key, (at) => at)),
  PERSIST: writes(1, (store, [key]) => {
    if (!Number.isFinite(store.expiryOf(key) ?? Number.POSITIVE_INFINITY)) return 0;
    store.expire(key, Number.POSITIVE_INFINITY);
    return 1;
  }),
  RENAME: writes(2, (store, [from, to]) => {
    rename(store, from, to);
    return OK;
  }),
  RENAMENX: writes(2, (store, [from, to]) => {
    if (store.has(from) && store.has(to)) return 0;
    rename(store, from, to);
    return 1;
  }),
  KEYS: reads(1, (store, [pattern]) => [...store.keys()].filter(globMatcher(pattern))),
  SCAN: reads([1, "more"], scan),
  DBSIZE: reads(0, (store) => store.size),
  FLUSHDB: writes([0, 1], flush),
  FLUSHALL: writes([0, 1], flush),
};

function expiring(command: string, name: keyof typeof EXPIRY) {
  return writes([2, "more"], (store, [key, time, ...words]) => {
    const options = parseConditions(words);
    const at = expiryAt(store, command, name, time);
    const current = store.expiryOf(key);
    if (current === undefined) return 0;
    const isPersistent = current === Number.POSITIVE_INFINITY;
    if (options.has("NX") && !isPersistent) return 0;
    if (options.has("XX") && isPersistent) return 0;
    if (options.has("GT") && at <= current) return 0;
    if (options.has("LT") && at >= current) return 0;
    store.expire(key, at);
    return 1;
  });
}

function parseConditions(words: readonly string[]): Options<keyof typeof EXPIRE_CONDITIONS> {
  const unknown = words.find((word) => optionNamed(word, EXPIRE_CONDITIONS) === undefined);
  if (unknown !== undefined) throw new CommandError(`ERR Unsupported option ${unknown}`);
  const options = parseOptions(words, { words: EXPIRE_CONDITIONS });
  if (options.has("NX") && options.size > 1) {
    throw new CommandError("ERR NX and XX, GT or LT options at the same time are not compatible");
  }
  if (options.has("GT") && options.has("LT")) {
    throw new CommandError("ERR GT and LT options at the same time are not compatible");
  }
  return options;
}

/** A key's expiry in the unit of the command; -1 for a key without an expiry, -2 when the key does not exist. */
function timeOf(store: Keyspace, key: string, inUnit: (at: number) => number): number {
  const at = store.expiryOf(key);
  if (at === undefined) return -2;
  return at === Number.POSITIVE_INFINITY ? -1 : inUnit(at);
}

function rename(store: Keyspace, from: string, to: string): void {
  const value = store.value(from);
  if (value === undefined) throw new CommandError("ERR no such key");
  const expiresAt = store.expiryOf(from);
  store.delete(from);
  store.set(to, value, expiresAt);
}

function scan(store: Keyspace, [cursorText, ...words]: [string, ...string[]]): StoreReply {
  const cursor = scanCursor(cursorText);
  const options = parseOptions(words, SCAN_OPTIONS);
  const { cursor: next, keys } = store.scan(cursor, scanCount(options.get("COUNT")?.[0]));
  const matches = globMatcher(options.get("MATCH")?.[0] ?? "*");
  const type = options.get("TYPE")?.[0]?.toLowerCase();
  const isWanted = (key: string) =>
    matches(key) && (type === undefined || typeOf(store.value(key) ?? "") === type);
  return [String(next), keys.filter(isWanted)];
}

function flush(store: Keyspace, [mode = "SYNC"]: string[]): StoreReply {
  if (!["SYNC", "ASYNC"].includes(mode.toUpperCase())) throw syntaxError();
  store.clear();
  return OK;
}
