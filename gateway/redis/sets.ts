import { CommandError, type Commands, parseOptions, reads, type StoreReply, writes } from "./command.ts";
import type { Keyspace } from "./keyspace.ts";
import { count, index } from "./numbers.ts";
import { scanReply } from "./scan.ts";
import { SET } from "./values.ts";

type Members = ReadonlySet<string>;

const LIMIT_OPTION = { words: { LIMIT: 1 } } as const;

/** The most members that SRANDMEMBER returns with repetition. Redis accepts more, and runs out of memory. */
const MAX_REPETITIONS = 10_000_000;

/** Sets. */
export const setCommands: Commands = {
  SADD: writes([2, "more"], (store, [key, ...members]) =>
    store.edit(key, SET, (set) => {
      const before = set.size;
      for (const member of members) set.add(member);
      return set.size - before;
    }),
  ),
  SREM: writes([2, "more"], (store, [key, ...members]) =>
    store.edit(key, SET, (set) => members.filter((member) => set.delete(member)).length),
  ),
  SCARD: reads(1, (store, [key]) => setAt(store, key).size),
  SMEMBERS: reads(1, (store, [key]) => [...setAt(store, key)]),
  SISMEMBER: reads(2, (store, [key, member]) => (setAt(store, key).has(member) ? 1 : 0)),
  SMISMEMBER: reads([2, "more"], (store, [key, ...members]) => {
    const set = setAt(store, key);
    return members.map((member) => (set.has(member) ? 1 : 0));
  }),
  SPOP: writes([1, 2], (store, [key, howMany]) => {
    const limit = howMany === undefined ? 1 : count(howMany);
    return store.edit(key, SET, (set) => {
      const members = pick([...set], limit);
      for (const member of members) set.delete(member);
      return howMany === undefined ? (members[0] ?? null) : members;
    });
  }),
  SRANDMEMBER: reads([1, 2], (store, [key, howMany]) => {
    const members = pick([...setAt(store, key)], howMany === undefined ? 1 : index(howMany));
    return howMany === undefined ? (members[0] ?? null) : members;
  }),
  SMOVE: writes(3, (store, [from, to, member]) => {
    const source = store.get(from, SET);
    if (source === undefined) return 0;
    setAt(store, to);
    if (!source.has(member)) return 0;
    store.edit(from, SET, (set) => set.delete(member));
    store.edit(to, SET, (set) => set.add(member));
    return 1;
  }),
  SINTER: reads([1, "more"], (store, [...keys]) => [...intersection(setsAt(store, keys))]),
  SUNION: reads([1, "more"], (store, [...keys]) => [...union(setsAt(store, keys))]),
  SDIFF: reads([1, "more"], (store, [...keys]) => [...difference(setsAt(store, keys))]),
  SINTERSTORE: writes([2, "more"], (store, [to, ...keys]) =>
    keep(store, to, intersection(setsAt(store, keys))),
  ),
  SUNIONSTORE: writes([2, "more"], (store, [to, ...keys]) => keep(store, to, union(setsAt(store, keys)))),
  SDIFFSTORE: writes([2, "more"], (store, [to, ...keys]) => keep(store, to, difference(setsAt(store, keys)))),
  SINTERCARD: reads([2, "more"], (store, [numkeys, ...args]) => {
    const many = count(numkeys, "ERR numkeys should be greater than 0");
    if (many === 0) throw new CommandError("ERR numkeys should be greater than 0");
    if (many > args.length) throw new CommandError("ERR Number of keys can't be greater than number of args");
    const [keys, rest] = [args.slice(0, many), args.slice(many)];
    const limit = parseOptions(rest, LIMIT_OPTION).get("LIMIT")?.[0] ?? "0";
    const most = count(limit, "ERR LIMIT can't be negative");
    const { size } = intersection(setsAt(store, keys));
    return most === 0 ? size : Math.min(size, most);
  }),
  SSCAN: reads([2, "more"], (store, [key, cursor, ...words]) =>
    scanReply(cursor, words, () => store.get(key, SET) && items(setAt(store, key))),
  ),
};

function setAt(store: Keyspace, key: string): Members {
  return store.get(key, SET) ?? new Set<string>();
}

function items(set: Members): [member: string][] {
  return [...set].map((member) => [member]);
}

function setsAt(store: Keyspace, keys: readonly string[]): Members[] {
  return keys.map((key) => setAt(store, key));
}

function intersection([first = new Set(), ...others]: readonly Members[]): Set<string> {
  return new Set([...first].filter((member) => others.every((set) => set.has(member))));
}

function union(sets: readonly Members[]): Set<string> {
  return new Set(sets.flatMap((set) => [...set]));
}

function difference([first = new Set(), ...others]: readonly Members[]): Set<string> {
  return new Set([...first].filter((member) => !others.some((set) => set.has(member))));
}

function keep(store: Keyspace, key: string, members: Set<string>): StoreReply {
  store.setCollection(key, SET, members);
  return members.size;
}

/** Up to `howMany` distinct random members, or, for a negative number, that many with repetition. */
function pick(members: string[], howMany: number): string[] {
  if (howMany < -MAX_REPETITIONS) throw new CommandError("ERR value is out of range");
  if (howMany < 0) {
    const picks = members.length === 0 ? 0 : -howMany;
    return Array.from({ length: picks }, () => members[Math.floor(Math.random() * members.length)] ?? "");
  }
  // A shuffle that stops when enough members are drawn.
  const picks = Math.min(howMany, members.length);
  for (let place = 0; place < picks; place += 1) {
    const other = place + Math.floor(Math.random() * (members.length - place));
    [members[place], members[other]] = [members[other] ?? "", members[place] ?? ""];
  }
  return members.slice(0, picks);
}
