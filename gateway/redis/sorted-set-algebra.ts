import {
  CommandError,
  type Commands,
  type Grammar,
  parseOptions,
  reads,
  syntaxError,
  writes,
} from "./command.ts";
import type { Keyspace } from "./keyspace.ts";
import { index, score } from "./numbers.ts";
import { SortedSet } from "./sorted-set.ts";
import { membersReply } from "./sorted-sets.ts";
import { SET, SORTED_SET } from "./values.ts";

type Operation = "union" | "inter" | "diff";
type Scores = ReadonlyMap<string, number>;

const AGGREGATES: Readonly<Record<string, (a: number, b: number) => number>> = {
  // The sum of the two infinities is 0, as in Redis.
  SUM: (a, b) => (Number.isNaN(a + b) ? 0 : a + b),
  MIN: Math.min,
  MAX: Math.max,
};

/** Sorted sets, and sets, combined. */
export const sortedSetAlgebraCommands: Commands = {
  ZUNION: replying("union"),
  ZINTER: replying("inter"),
  ZDIFF: replying("diff"),
  ZUNIONSTORE: storing("union"),
  ZINTERSTORE: storing("inter"),
  ZDIFFSTORE: storing("diff"),
};

function replying(operation: Operation) {
  return reads([2, "more"], (store, [...args]) => {
    const { set, withScores } = combine(store, operation, `z${operation}`, args, { WITHSCORES: 0 });
    return membersReply(set.range(), withScores);
  });
}

function storing(operation: Operation) {
  return writes([3, "more"], (store, [to, ...args]) => {
    const { set } = combine(store, operation, `z${operation}store`, args, {});
    store.setCollection(to, SORTED_SET, set);
    return set.size;
  });
}

function combine(
  store: Keyspace,
  operation: Operation,
  command: string,
  args: readonly string[],
  words: Grammar<string>["words"],
): { readonly set: SortedSet; readonly withScores: boolean } {
  const { keys, rest } = numberedKeys(args, command);
  const sources = scoresAt(store, keys);
  const weighing = operation === "diff" ? {} : { WEIGHTS: keys.length, AGGREGATE: 1 };
  const options = parseOptions<string>(rest, { words: { ...words, ...weighing } });
  const weights = options.get("WEIGHTS")?.map((text) => score(text, "ERR weight value is not a float"));
  const aggregate = options.get("AGGREGATE")?.[0]?.toUpperCase() ?? "SUM";
  if (!(aggregate in AGGREGATES)) throw syntaxError();
  const set = new SortedSet();
  for (const [member, total] of combined(operation, weighed(sources, weights), aggregate)) {
    set.put(member, total);
  }
  return { set, withScores: options.has("WITHSCORES") };
}

function combined(operation: Operation, [first = new Map(), ...others]: Scores[], aggregate: string): Scores {
  const add = AGGREGATES[aggregate] ?? Math.max;
  const result = new Map(first);
  for (const scores of others) {
    for (const [member, score] of scores) {
      const held = result.get(member);
      if (operation === "diff") result.delete(member);
      else if (held !== undefined) result.set(member, add(held, score));
      else if (operation === "union") result.set(member, score);
    }
    if (operation === "inter") {
      for (const member of result.keys()) if (!scores.has(member)) result.delete(member);
    }
  }
  return result;
}

/** Parses `numkeys key [key …]`; returns the keys and the remaining arguments. */
function numberedKeys(
  [numkeys = "", ...args]: readonly string[],
  command: string,
): { readonly keys: string[]; readonly rest: string[] } {
  const keys = index(numkeys);
  if (keys < 1) throw new CommandError(`ERR at least 1 input key is needed for '${command}' command`);
  if (keys > args.length) throw syntaxError();
  return { keys: args.slice(0, keys), rest: args.slice(keys) };
}

/** The members of each key with their scores; the members of a set have the score 1. */
function scoresAt(store: Keyspace, keys: readonly string[]): Scores[] {
  return keys.map((key) => {
    const value = store.value(key);
    if (value !== undefined && SET.is(value)) return new Map([...value].map((member) => [member, 1]));
    const items = store.get(key, SORTED_SET)?.range() ?? [];
    return new Map(items.map(({ member, score }) => [member, score]));
  });
}

function weighed(sources: readonly Scores[], weights: readonly number[] = []): Scores[] {
  return sources.map((scores, position) => {
    const weight = weights[position] ?? 1;
    return new Map(
      [...scores].map(([member, score]) => [member, Number.isNaN(score * weight) ? 0 : score * weight]),
    );
  });
}
