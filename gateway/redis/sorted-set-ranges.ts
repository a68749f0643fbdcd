import {
  CommandError,
  type Commands,
  type Options,
  parseOptions,
  reads,
  withOptions,
  writes,
} from "./command.ts";
import type { Keyspace } from "./keyspace.ts";
import { index, type Slice, score, slice } from "./numbers.ts";
import { type Scored, SortedSet } from "./sorted-set.ts";
import { membersReply, sortedSetAt } from "./sorted-sets.ts";
import { SORTED_SET } from "./values.ts";

/** The ranks of a range in a set, without its end. */
type Range = (set: SortedSet) => Slice;
type RangeBy = (min: string, max: string) => Range;

interface Limit {
  readonly offset: number;
  /** Negative for all. */
  readonly count: number;
}

interface Selection {
  readonly range: Range;
  readonly isReversed: boolean;
  readonly limit?: Limit | undefined;
}

const LIMIT = { LIMIT: 2 } as const;
const WITH_SCORES = { WITHSCORES: 0 } as const;
const SELECTION = { BYSCORE: 0, BYLEX: 0, REV: 0, ...LIMIT } as const;
const EXCLUSIVE = [["BYSCORE", "BYLEX"]] as const;
type SelectionOptions = Options<keyof typeof SELECTION>;

/** Commands for ranges of sorted sets: by rank, by score, and by the bytes of members whose scores are equal. */
export const sortedSetRangeCommands: Commands = {
  ZRANGE: reads([3, "more"], (store, [key, first, last, ...words]) => {
    const options = parseOptions(words, { words: { ...SELECTION, ...WITH_SCORES }, exclusive: EXCLUSIVE });
    if (options.has("BYLEX")) refuseScores(options);
    return membersReply(select(store, key, selection(options, first, last)), options.has("WITHSCORES"));
  }),
  ZRANGESTORE: writes([4, "more"], (store, [to, from, first, last, ...words]) => {
    const options = parseOptions(words, { words: SELECTION, exclusive: EXCLUSIVE });
    const items = select(store, from, selection(options, first, last));
    const set = new SortedSet();
    for (const { member, score } of items) set.put(member, score);
    store.setCollection(to, SORTED_SET, set);
    return set.size;
  }),
  ZREVRANGE: reads(
    [3, "more"],
    withOptions(3, { words: WITH_SCORES }, (store, options, [key, first = "", last = ""]) => {
      const items = select(store, key, { range: rankRange(first, last, true), isReversed: true });
      return membersReply(items, options.has("WITHSCORES"));
    }),
  ),
  ZRANGEBYSCORE: ranged(scoreRange, false),
  ZREVRANGEBYSCORE: ranged(scoreRange, true),
  ZRANGEBYLEX: ranged(lexRange, false),
  ZREVRANGEBYLEX: ranged(lexRange, true),
  ZCOUNT: counting(scoreRange),
  ZLEXCOUNT: counting(lexRange),
  ZREMRANGEBYRANK: removing(rankRange),
  ZREMRANGEBYSCORE: removing(scoreRange),
  ZREMRANGEBYLEX: removing(lexRange),
};

/** A command with the kind of range in its name; a reversed one has the maximum as its first argument. */
function ranged(by: RangeBy, isReversed: boolean) {
  return reads([3, "more"], (store, [key, first, last, ...given]) => {
    const options = parseOptions(given, { words: { ...LIMIT, ...WITH_SCORES } });
    const limit = limitOf(options);
    if (by === lexRange) refuseScores(options);
    const range = isReversed ? by(last, first) : by(first, last);
    const items = select(store, key, { range, isReversed, limit });
    return membersReply(items, options.has("WITHSCORES"));
  });
}

function refuseScores(options: Options<"WITHSCORES">): void {
  if (options.has("WITHSCORES")) {
    throw new CommandError("ERR syntax error, WITHSCORES not supported in combination with BYLEX");
  }
}

function counting(by: RangeBy) {
  return reads(3, (store, [key, min, max]) => {
    const [from, to] = by(min, max)(sortedSetAt(store, key));
    return Math.max(0, to - from);
  });
}

function removing(by: RangeBy) {
  return writes(3, (store, [key, min, max]) => {
    const range = by(min, max);
    return store.edit(key, SORTED_SET, (set) => {
      const [from, to] = range(set);
      return to <= from ? 0 : set.removeRange(from, to).length;
    });
  });
}

function selection(options: SelectionOptions, first: string, last: string): Selection {
  const isReversed = options.has("REV");
  const limit = limitOf(options);
  const by = options.has("BYSCORE") ? scoreRange : options.has("BYLEX") ? lexRange : undefined;
  if (by !== undefined) return { range: isReversed ? by(last, first) : by(first, last), isReversed, limit };
  // Redis treats a LIMIT with the count -1 as none.
  if (limit !== undefined && limit.count !== -1) {
    throw new CommandError(
      "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX",
    );
  }
  return { range: rankRange(first, last, isReversed), isReversed };
}

function select(store: Keyspace, key: string, { range, isReversed, limit }: Selection): Scored[] {
  const set = sortedSetAt(store, key);
  const items = set.range(...range(set));
  if (isReversed) items.reverse();
  if (limit === undefined) return items;
  const { offset, count } = limit;
  return offset < 0 ? [] : items.slice(offset, count < 0 ? undefined : offset + count);
}

function limitOf(options: Options<"LIMIT">): Limit | undefined {
  const [offset, count] = options.get("LIMIT") ?? [];
  return offset === undefined || count === undefined
    ? undefined
    : { offset: index(offset), count: index(count) };
}

function rankRange(start: string, stop: string, isReversed = false): Range {
  const within = slice(start, stop);
  return ({ size }) => {
    const [from, to] = within(size);
    return isReversed ? [size - to, size - from] : [from, to];
  };
}

function scoreRange(min: string, max: string): Range {
  const [low, high] = [scoreBound(min), scoreBound(max)];
  return (set) => [
    set.countWhile(({ score }) => score < low.score || (low.isExclusive && score === low.score)),
    set.countWhile(({ score }) => score < high.score || (!high.isExclusive && score === high.score)),
  ];
}

function scoreBound(text: string): { readonly score: number; readonly isExclusive: boolean } {
  const isExclusive = text.startsWith("(");
  const number = isExclusive ? text.slice(1) : text;
  return { score: number === "" ? 0 : score(number, "ERR min or max is not a float"), isExclusive };
}

function lexRange(min: string, max: string): Range {
  const [low, high] = [lexBound(min), lexBound(max)];
  return (set) => [
    set.countWhile(({ member }) => low(member) < 0 || (low(member) === 0 && min.startsWith("("))),
    set.countWhile(({ member }) => high(member) < 0 || (high(member) === 0 && max.startsWith("["))),
  ];
}

/** Compares a member with a bound: negative when below, 0 when equal, positive when above. */
function lexBound(text: string): (member: string) => number {
  if (text === "-") return () => 1;
  if (text === "+") return () => -1;
  if (!/^[([]/.test(text)) throw new CommandError("ERR min or max not valid string range item");
  const bound = text.slice(1);
  return (member) => (member < bound ? -1 : member === bound ? 0 : 1);
}
