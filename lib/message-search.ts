import { fold } from "../schema/wire/text.ts";
import { TokenHash } from "./token-hash.ts";

/*
 * The search index of messages. A query is split into terms at spaces and punctuation; a message is found when each term
 * occurs in its folded text at the beginning of a word. Each character of a script without spaces between words (Chinese,
 * Japanese, Korean) and each sign counts as a word, so terms of these are found anywhere.
 *
 * The index holds the tokens of each text, as 32-bit hashes in a GIN index: of a word its beginnings, of every other
 * character itself and the pair with the next one. A term has tokens that every text with the term in it has, too; what
 * has them by chance (another order, a longer word, an equal hash) is dropped by `highlightsOf`.
 */

/** The beginnings of a word that are tokens, by their number of characters. */
const BEGINNINGS = new Set([1, 2, 3, 4, 6, 8, 12, 16, 24, 32]);

/** The most tokens of one text: bounds what the longest message costs. */
const MAX_TOKENS = 4_000;

/** A range of UTF-16 places in a text; the end is exclusive. */
export type Highlight = [start: number, end: number];

/** The terms of a query, folded, each once. Without any, nothing is found. */
export function termsOf(query: string): string[] {
  return [
    ...new Set(
      fold(query)
        .split(SEPARATORS)
        .filter((term) => term !== ""),
    ),
  ];
}

/** The tokens of a text, up to a bound. */
export function tokensOf(text: string): number[] {
  const tokens = new Set<number>();
  const word = new TokenHash();
  let length = 0;
  let sign: number | null = null;
  for (const character of fold(text)) {
    const code = character.codePointAt(0) ?? 0;
    const kind = kindOf(code);
    if (sign !== null && kind !== "separator") tokens.add(hashOf(sign, code));
    sign = kind === "sign" ? code : null;
    if (kind !== "letter") length = 0;
    if (kind === "sign") tokens.add(hashOf(code));
    else if (kind === "letter") {
      if (length === 0) word.clear();
      word.add(code);
      length += 1;
      if (BEGINNINGS.has(length)) tokens.add(word.value());
    }
    if (tokens.size >= MAX_TOKENS) break;
  }
  return [...tokens];
}

/** The fewest tokens that tell a term from others: every text that has the term has them, unless it is over the bound. */
export function tokensWithin(term: string): number[] {
  const tokens = new Set<number>();
  const codes = Array.from(term, (character) => character.codePointAt(0) ?? 0);
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? 0;
    const next = codes[at + 1];
    if (kindOf(code) === "letter") {
      const end = wordEnd(codes, at);
      let longest = end - at;
      while (!BEGINNINGS.has(longest)) longest -= 1;
      tokens.add(hashOf(...codes.slice(at, at + longest)));
      at = end - 1;
    } else if (next !== undefined) {
      tokens.add(hashOf(code, next));
    } else if (at === 0 || kindOf(codes[at - 1] ?? 0) === "letter") {
      tokens.add(hashOf(code));
    }
  }
  return [...tokens];
}

/** Where the terms are in a text, in rising order and without overlaps; null when one of them is missing. */
export function highlightsOf(text: string, terms: readonly string[]): Highlight[] | null {
  const folded = foldWithPlaces(text);
  const found: Highlight[] = [];
  for (const term of terms) {
    const places = occurrences(folded.text, term);
    if (places.length === 0) return null;
    for (const place of places) found.push([folded.start(place), folded.end(place + term.length - 1)]);
  }
  return merged(found);
}

const SEPARATORS = /[\s\p{P}\p{Z}\p{Cc}]+/u;
const SEPARATOR = /^[\s\p{P}\p{Z}\p{Cc}]$/u;
const IN_WORD = /^[\p{L}\p{M}\p{N}]$/u;
const WITHOUT_WORDS = /^[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]$/u;

type Kind = "separator" | "letter" | "sign";

/** A letter makes words with its neighbours; a sign is one by itself, as is each character of a script without spaces. */
function kindOf(code: number): Kind {
  const known = code < KINDS.length ? KINDS[code] : undefined;
  if (known !== undefined) return known;
  const kind = classify(String.fromCodePoint(code));
  if (code < KINDS.length) KINDS[code] = kind;
  return kind;
}

function classify(character: string): Kind {
  if (SEPARATOR.test(character)) return "separator";
  return IN_WORD.test(character) && !WITHOUT_WORDS.test(character) ? "letter" : "sign";
}

/** The kinds of the characters of the basic plane that were seen: classifying one takes longer than all else about it. */
const KINDS = new Array<Kind | undefined>(0x10000).fill(undefined);

/** Where the word that begins here ends. */
function wordEnd(codes: readonly number[], start: number): number {
  let end = start + 1;
  while (end < codes.length && kindOf(codes[end] ?? 0) === "letter") end++;
  return end;
}

/** The token of these characters. */
function hashOf(...codes: number[]): number {
  const hash = new TokenHash();
  for (const code of codes) hash.add(code);
  return hash.value();
}

/** The places in a folded text at which a term begins a word. */
function occurrences(text: string, term: string): number[] {
  const places: number[] = [];
  const startsWithLetter = kindOf(term.codePointAt(0) ?? 0) === "letter";
  for (let place = text.indexOf(term); place >= 0; place = text.indexOf(term, place + 1)) {
    if (!startsWithLetter || kindOf(codeBefore(text, place)) !== "letter") places.push(place);
  }
  return places;
}

/** The character before a place; a space at the start. */
function codeBefore(text: string, place: number): number {
  if (place === 0) return SPACE;
  const unit = text.charCodeAt(place - 1);
  const isLowSurrogate = unit >= 0xdc00 && unit <= 0xdfff;
  return text.codePointAt(isLowSurrogate ? place - 2 : place - 1) ?? SPACE;
}

const SPACE = 0x20;

/** A folded text, and where each of its UTF-16 units comes from. */
type FoldedText = { text: string; start(unit: number): number; end(unit: number): number };

const ONLY_ASCII = /^\p{ASCII}*$/u;
const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/**
 * Folds what a reader sees as one character at a time. Folding changes lengths ("ß" becomes "ss"), but never joins two of
 * these, so that the parts make up the fold of the whole.
 */
function foldWithPlaces(original: string): FoldedText {
  if (ONLY_ASCII.test(original)) {
    return { text: original.toLowerCase(), start: (unit) => unit, end: (unit) => unit + 1 };
  }
  const starts: number[] = [];
  const ends: number[] = [];
  let text = "";
  for (const { segment, index } of graphemes.segment(original)) {
    const part = fold(segment);
    text += part;
    for (let unit = 0; unit < part.length; unit++) {
      starts.push(index);
      ends.push(index + segment.length);
    }
  }
  return {
    text,
    start: (unit) => starts[unit] ?? original.length,
    end: (unit) => ends[unit] ?? original.length,
  };
}

/** Sorts ranges and joins those that overlap. */
function merged(ranges: Highlight[]): Highlight[] {
  const result: Highlight[] = [];
  for (const [start, end] of ranges.sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    const last = result.at(-1);
    if (last !== undefined && start < last[1]) last[1] = Math.max(last[1], end);
    else result.push([start, end]);
  }
  return result;
}
