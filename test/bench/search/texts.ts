/** Texts for a search: Latin ones of invented words, and Chinese ones; a few words are as common as their names say. */
export type Vocabulary = {
  texts: string[];
  /** Queries by what they are. */
  queries: Record<string, string>;
};

const SYLLABLES = [..."bdfgklmnprstvz"].flatMap((consonant) =>
  [..."aeiou"].map((vowel) => consonant + vowel),
);
const FIRST_HAN = 0x4e00;

/** Makes texts whose words are distributed as in a language: few are common, most are rare. The same at every run. */
export function makeVocabulary(count: number): Vocabulary {
  const random = sequence();
  /** A rank from 0: the first are the most common. */
  const rank = (ranks: number) => Math.floor(ranks ** random()) - 1;
  const times = <Item>(least: number, most: number, make: () => Item) =>
    Array.from({ length: least + Math.floor(random() * (most - least)) }, make);
  const texts = Array.from({ length: count }, (_, index) => {
    const han = index % 3 === 0;
    const parts = han
      ? [times(8, 33, () => String.fromCodePoint(FIRST_HAN + rank(3_000))).join("")]
      : times(4, 18, () => word(rank(30_000)));
    if (random() < 0.3) parts.push("common");
    if (index % 2_000 === 5) parts.push("seldom");
    return parts.join(" ");
  });
  const chinese = texts[999] ?? "";
  return {
    texts,
    queries: {
      "a word in 30 % of all": "common",
      "a first letter of 30 %": "c",
      "a frequent word": word(50),
      "two frequent words": `${word(20)} ${word(40)}`,
      "a word in 0.05 %": "seldom",
      "a word that is nowhere": "nowhere",
      "a frequent Chinese pair": String.fromCodePoint(FIRST_HAN + 1, FIRST_HAN),
      "two Chinese characters": chinese.slice(2, 4),
      "four Chinese characters": chinese.slice(2, 6),
    },
  };
}

/** The invented word of a rank. */
function word(rank: number): string {
  let rest = rank + 1;
  let result = "";
  while (rest > 0) {
    result += SYLLABLES[rest % SYLLABLES.length];
    rest = Math.floor(rest / SYLLABLES.length);
  }
  return result;
}

/** Numbers from 0 to 1 that look random and are the same at every run (the "minimal standard" generator). */
function sequence(): () => number {
  let seed = 1;
  return () => {
    seed = (seed * 16_807) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
}
