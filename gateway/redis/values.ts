import { SortedSet } from "./sorted-set.ts";

/** What a key can hold. */
export type Value = string | string[] | Map<string, string> | Set<string> | SortedSet;

/** One of Redis' types: its name, and how its values are recognised. */
export interface Kind<V extends Value> {
  readonly name: string;
  is(value: Value): value is V;
}

/** A type whose empty value is no value: a key that would hold it does not exist. */
export interface CollectionKind<V extends Value> extends Kind<V> {
  empty(): V;
  size(value: V): number;
}

export const STRING: Kind<string> = {
  name: "string",
  is: (value) => typeof value === "string",
};

export const LIST: CollectionKind<string[]> = {
  name: "list",
  is: (value) => Array.isArray(value),
  empty: () => [],
  size: ({ length }) => length,
};

export const HASH: CollectionKind<Map<string, string>> = {
  name: "hash",
  is: (value) => value instanceof Map,
  empty: () => new Map(),
  size: ({ size }) => size,
};

export const SET: CollectionKind<Set<string>> = {
  name: "set",
  is: (value) => value instanceof Set,
  empty: () => new Set(),
  size: ({ size }) => size,
};

export const SORTED_SET: CollectionKind<SortedSet> = {
  name: "zset",
  is: (value) => value instanceof SortedSet,
  empty: () => new SortedSet(),
  size: ({ size }) => size,
};

const KINDS: readonly Kind<Value>[] = [STRING, LIST, HASH, SET, SORTED_SET];

/** The name of a value's type, as TYPE replies with it. */
export function typeOf(value: Value): string {
  return KINDS.find((kind) => kind.is(value))?.name ?? "none";
}
