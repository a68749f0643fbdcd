import { type StoreReply, syntaxError } from "./command.ts";
import { index } from "./numbers.ts";

/**
 * The reply of HRANDFIELD, SRANDMEMBER and ZRANDMEMBER: one member without a count; up to so many different ones; or,
 * for a negative count, so many with repetition. An item is a member, and what `word` has told with it.
 */
export function randomMembers(
  items: readonly (readonly [member: string, ...rest: string[]])[],
  [countText, wordText, ...others]: readonly string[],
  word?: string,
): StoreReply {
  if (countText === undefined) return randomItem(items)?.[0] ?? null;
  const count = index(countText);
  const isFull = wordText !== undefined && wordText.toUpperCase() === word;
  if ((wordText !== undefined && !isFull) || others.length > 0) throw syntaxError();
  return pick(items, count).flatMap((item) => (isFull ? item : item.slice(0, 1)));
}

/** Some of the items, by a count as above. */
export function pick<Item>(items: readonly Item[], count: number): Item[] {
  if (count >= 0) return shuffled(items).slice(0, count);
  if (items.length === 0) return [];
  return Array.from({ length: -count }, () => randomItem(items)).filter((item) => item !== undefined);
}

function randomItem<Item>(items: readonly Item[]): Item | undefined {
  return items[Math.floor(Math.random() * items.length)];
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
