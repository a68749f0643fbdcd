import { fold } from "../schema/wire/text.ts";

/*
 * The search index. A row stores its text as `searchText` makes it and the text's `gramsOf`, with a GIN index on the
 * grams. A search selects the rows that have all grams of the query, then compares their texts: a row can contain all
 * grams in another order than the query.
 *
 * A gram is two neighbouring characters (Unicode code points), or a space and the first character of a word. So a query
 * of one character finds the words that begin with it, and a search by word beginnings uses `gramsOf` of the query.
 * Each character of a script without spaces between words (Chinese, Japanese, Korean) and each sign counts as a word, so
 * it is found anywhere.
 */

/** The text that a search compares: each text folded, with one space between words, on its own line: no query spans two. */
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

/** The grams that every text with this query in it has. A query of one character matches only the beginnings of words. */
export function gramsWithin(query: string): string[] {
  if (isOneCharacter(query)) return gramsOf(query);
  const grams = new Set<string>();
  // The query may begin inside a word of the text, so the pair of its first character and the one before is unknown.
  for (const [before, character, index] of neighbours(query)) if (index > 0) grams.add(before + character);
  return [...grams];
}

/** Whether a query is one character: its grams match exactly then, so the texts need not be compared. */
export function isOneCharacter(query: string): boolean {
  return [...query].length === 1;
}

const SPACES = /\s+/u;
const SPACE = /^\s$/u;
const IN_WORD = /^[\p{L}\p{M}\p{N}]$/u;
const WITHOUT_WORDS = /^[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]$/u;

/** Each character but white space, with the character before it: a space after white space and at the start. */
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
