import {
  CommandError,
  type Commands,
  optionNamed,
  reads,
  type StoreReply,
  syntaxError,
  writes,
} from "./command.ts";
import type { Keyspace } from "./keyspace.ts";
import { count, score, scoreText } from "./numbers.ts";
import { scanReply } from "./scan.ts";
import { type Scored, SortedSet } from "./sorted-set.ts";
import { pairs } from "./strings.ts";
import { SORTED_SET } from "./values.ts";

const ADD_FLAGS = { NX: 0, XX: 0, GT: 0, LT: 0, CH: 0, INCR: 0 } as const;
type AddFlags = ReadonlySet<keyof typeof ADD_FLAGS>;

/** Commands for members of sorted sets. */
export const sortedSetCommands: Commands = {
  ZADD: writes([3, "more"], add),
  ZINCRBY: writes(3, (store, [key, by, member]) => {
    const increment = score(by);
    return store.edit(key, SORTED_SET, (set) =>
      scoreText(put(set, new Set(["INCR"]), member, increment) ?? increment),
    );
  }),
  ZREM: writes([2, "more"], (store, [key, ...members]) =>
    store.edit(key, SORTED_SET, (set) => members.filter((member) => set.delete(member)).length),
  ),
  ZCARD: reads(1, (store, [key]) => sortedSetAt(store, key).size),
  ZSCORE: reads(2, (store, [key, member]) => scoreReply(sortedSetAt(store, key).score(member))),
  ZMSCORE: reads([2, "more"], (store, [key, ...members]) => {
    const set = sortedSetAt(store, key);
    return members.map((member) => scoreReply(set.score(member)));
  }),
  ZRANK: reads(2, (store, [key, member]) => sortedSetAt(store, key).rank(member) ?? null),
  ZREVRANK: reads(2, (store, [key, member]) => {
    const set = sortedSetAt(store, key);
    const rank = set.rank(member);
    return rank === undefined ? null : set.size - 1 - rank;
  }),
  ZPOPMIN: writes([1, 2], (store, [key, howMany = "1"]) => {
    const limit = count(howMany);
    return store.edit(key, SORTED_SET, (set) => membersReply(set.removeRange(0, limit), true));
  }),
  ZPOPMAX: writes([1, 2], (store, [key, howMany = "1"]) => {
    const limit = count(howMany);
    return store.edit(key, SORTED_SET, (set) => {
      const from = Math.max(0, set.size - limit);
      return membersReply(set.removeRange(from, set.size).reverse(), true);
    });
  }),
  ZSCAN: reads([2, "more"], (store, [key, cursor, ...words]) =>
    scanReply(cursor, words, () => store.get(key, SORTED_SET) && memberEntries(sortedSetAt(store, key))),
  ),
};

/** A key's sorted set, which must not be changed; an empty one when there is none. */
export function sortedSetAt(store: Keyspace, key: string): SortedSet {
  return store.get(key, SORTED_SET) ?? new SortedSet();
}

/** Members as a reply, each followed by its score if `withScores`. */
export function membersReply(items: readonly Scored[], withScores: boolean): string[] {
  return items.flatMap(({ member, score }) => (withScores ? [member, scoreText(score)] : [member]));
}

function memberEntries(set: SortedSet): [string, string][] {
  return set.range().map(({ member, score }) => [member, scoreText(score)]);
}

function scoreReply(held: number | undefined): StoreReply {
  return held === undefined ? null : scoreText(held);
}

function add(store: Keyspace, [key, ...args]: [string, ...string[]]): StoreReply {
  const flags = new Set<keyof typeof ADD_FLAGS>();
  let flag = optionNamed(args[0], ADD_FLAGS);
  let first = 0;
  while (flag !== undefined) {
    flags.add(flag);
    first += 1;
    flag = optionNamed(args[first], ADD_FLAGS);
  }
  const given = args.slice(first);
  if (given.length === 0 || given.length % 2 !== 0) throw syntaxError();
  refuseContradictions(flags, given.length / 2);
  const entries = pairs("zadd", given).map(([text, member]) => ({ member, score: score(text) }));

  return store.edit(key, SORTED_SET, (set) => {
    let added = 0;
    let changed = 0;
    let latest: number | undefined;
    for (const { member, score } of entries) {
      const old = set.score(member);
      latest = put(set, flags, member, score);
      if (latest !== undefined && old === undefined) added += 1;
      else if (latest !== undefined && latest !== old) changed += 1;
    }
    if (flags.has("INCR")) return scoreReply(latest);
    return flags.has("CH") ? added + changed : added;
  });
}

function refuseContradictions(flags: AddFlags, entries: number): void {
  const [nx, gt, lt] = [flags.has("NX"), flags.has("GT"), flags.has("LT")];
  if (nx && flags.has("XX")) {
    throw new CommandError("ERR XX and NX options at the same time are not compatible");
  }
  if ((nx && (gt || lt)) || (gt && lt)) {
    throw new CommandError("ERR GT, LT, and/or NX options at the same time are not compatible");
  }
  if (flags.has("INCR") && entries > 1) {
    throw new CommandError("ERR INCR option supports a single increment-element pair");
  }
}

/** Adds or moves a member if the flags allow it. Returns its score, or undefined when they do not. */
function put(set: SortedSet, flags: AddFlags, member: string, given: number): number | undefined {
  const old = set.score(member);
  if (old === undefined ? flags.has("XX") : flags.has("NX")) return undefined;
  const score = flags.has("INCR") ? (old ?? 0) + given : given;
  if (Number.isNaN(score)) throw new CommandError("ERR resulting score is not a number (NaN)");
  if (old !== undefined && flags.has("GT") && score <= old) return undefined;
  if (old !== undefined && flags.has("LT") && score >= old) return undefined;
  set.put(member, score);
  return score;
}
