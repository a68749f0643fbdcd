import { type Commands, OK, reads, writes } from "./command.ts";
import type { Keyspace } from "./keyspace.ts";
import { addDecimals, addIntegers, integer, integerReply } from "./numbers.ts";
import { scanReply } from "./scan.ts";
import { pairs } from "./strings.ts";
import { HASH } from "./values.ts";

const HASH_DECIMALS = {
  notDecimal: "ERR hash value is not a float",
  infinite: "ERR value is NaN or Infinity",
};
const NOTHING: ReadonlyMap<string, string> = new Map();

/** Hashes. */
export const hashCommands: Commands = {
  HSET: writes([3, "more"], (store, [key, ...args]) => put(store, key, pairs("hset", args))),
  HMSET: writes([3, "more"], (store, [key, ...args]) => {
    put(store, key, pairs("hmset", args));
    return OK;
  }),
  HSETNX: writes(3, (store, [key, field, value]) =>
    hashAt(store, key).has(field) ? 0 : put(store, key, [[field, value]]),
  ),
  HGET: reads(2, (store, [key, field]) => hashAt(store, key).get(field) ?? null),
  HMGET: reads([2, "more"], (store, [key, ...fields]) => {
    const hash = hashAt(store, key);
    return fields.map((field) => hash.get(field) ?? null);
  }),
  HGETALL: reads(1, (store, [key]) => [...hashAt(store, key)].flat()),
  HKEYS: reads(1, (store, [key]) => [...hashAt(store, key).keys()]),
  HVALS: reads(1, (store, [key]) => [...hashAt(store, key).values()]),
  HLEN: reads(1, (store, [key]) => hashAt(store, key).size),
  HEXISTS: reads(2, (store, [key, field]) => (hashAt(store, key).has(field) ? 1 : 0)),
  HSTRLEN: reads(2, (store, [key, field]) => hashAt(store, key).get(field)?.length ?? 0),
  HDEL: writes([2, "more"], (store, [key, ...fields]) =>
    store.edit(key, HASH, (hash) => fields.filter((field) => hash.delete(field)).length),
  ),
  HINCRBY: writes(3, (store, [key, field, text]) => {
    const by = integer(text);
    const held = hashAt(store, key).get(field) ?? "0";
    const sum = addIntegers(integer(held, "ERR hash value is not an integer"), by);
    put(store, key, [[field, String(sum)]]);
    return integerReply(sum);
  }),
  HINCRBYFLOAT: writes(3, (store, [key, field, by]) => {
    const held = hashAt(store, key).get(field) ?? "0";
    const sum = addDecimals(held, by, HASH_DECIMALS);
    put(store, key, [[field, sum]]);
    return sum;
  }),
  HSCAN: reads([2, "more"], (store, [key, cursor, ...words]) =>
    scanReply(cursor, words, () => store.get(key, HASH)),
  ),
};

function hashAt(store: Keyspace, key: string): ReadonlyMap<string, string> {
  return store.get(key, HASH) ?? NOTHING;
}

/** Sets fields; returns the number of new ones. */
function put(store: Keyspace, key: string, entries: readonly (readonly [string, string])[]): number {
  return store.edit(key, HASH, (hash) => {
    const before = hash.size;
    for (const [field, value] of entries) hash.set(field, value);
    return hash.size - before;
  });
}
