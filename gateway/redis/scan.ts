import { CommandError, parseOptions, type StoreReply, syntaxError } from "./command.ts";
import { globMatcher } from "./glob.ts";
import { index } from "./numbers.ts";

const OPTIONS = { words: { MATCH: 1, COUNT: 1 } } as const;
const DEFAULT_COUNT = 10;

/**
 * The reply of HSCAN, SSCAN and ZSCAN: all matches at once and the cursor 0, as Redis does for small collections.
 * `read` returns the members, each with its value or score.
 */
export function scanReply(
  cursor: string,
  words: readonly string[],
  read: () => Iterable<readonly [member: string, ...rest: string[]]> | undefined,
): StoreReply {
  scanCursor(cursor);
  const items = read();
  if (items === undefined) return ["0", []];
  const options = parseOptions(words, OPTIONS);
  scanCount(options.get("COUNT")?.[0]);
  const matches = globMatcher(options.get("MATCH")?.[0] ?? "*");
  return ["0", [...items].filter(([member]) => matches(member)).flat()];
}

/** The cursor of a scan. */
export function scanCursor(text: string): number {
  if (!/^\d{1,16}$/.test(text)) throw new CommandError("ERR invalid cursor");
  return Number(text);
}

/** The number of keys that one call of a scan examines. */
export function scanCount(text = String(DEFAULT_COUNT)): number {
  const count = index(text);
  if (count < 1) throw syntaxError();
  return count;
}
