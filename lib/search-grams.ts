import { fold } from "../schema/wire/text.ts";

/*
 * The index of all text that is searched: a text is stored as `searchText` makes it, beside its `gramsOf`, and has a
 * GIN index on the grams. A search asks for the rows that have all grams of the query, and compares the texts of those:
 * the grams of a text are a set, so rows can have them all in another order.
 *
 * A gram is two neighbouring characters (Unicode code points), or a space and the first character of a word: so a single
 * character finds the words that it begins, and a search by word beginnings asks for `gramsOf` the query. What is not
 * written in words (Chinese, Japanese, Korean; signs) is found anywhere: each of its characters counts as a word.
 */

/** What a search compares: each text folded, a space between words, a line a text, so that no query spans two. */
export function searchText(...texts: readonly string[]): string {
  return texts.map((text) => fold(text).trim().split(SPACES).join(" ")).join("\n");
}

/** All grams of a text that `searchText` has made. */
export function gramsOf(text: string): string[] {
  const grams = new Set<string>();
  for (const [before, character] of neighbours(text)) {
    if (before !== " ") grams.add(before + character);
    if (beginsWord(before, character)) grams.add(` ${character}`);
  }
  return [...grams];
}

/** The grams of every text that has this query in it; of a single character, those of its words that begin with it. */
export function gramsWithin(query: string): string[] {
  if (isOneCharacter(query)) return gramsOf(query);
  const grams = new Set<string>();
  // A query may begin inside a word, so of its first character nothing is known but the next.
  for (const [before, character, index] of neighbours(query)) if (index > 0) grams.add(before + character);
  return [...grams];
}

/** Whether the grams say all of a query: then the texts need not be compared. */
export function isOneCharacter(query: string): boolean {
  return [...query].length === 1;
}

const SPACES = /\s+/u;
const SPACE = /^\s$/u;
const IN_WORD = /^[\p{L}\p{M}\p{N}]$/u;
const WITHOUT_WORDS = /^[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]$/u;

/** Each character with the one before it; all white space, and what is before the first, is one space. */
function* neighbours(text: string): Generator<[before: string, character: string, index: number]> {
  let before = " ";
  let index = 0;
  for (const character of text) {
    if (SPACE.test(character)) before = " ";
    else {
      yield [before, character, index];
      before = character;
    }
    index += 1;
  }
}

function beginsWord(before: string, character: string): boolean {
  return !IN_WORD.test(before) || !IN_WORD.test(character) || WITHOUT_WORDS.test(character);
}
