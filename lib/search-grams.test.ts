import { describe, expect, it } from "vitest";
import { gramsOf, gramsWithin, searchText } from "./search-grams.ts";

describe("the text of a search", () => {
  it("is folded, with one space between words and a line for each text", () => {
    expect(searchText("ANNA.ẞ", "  Anna \t Straße ")).toBe("anna.ss\nanna strasse");
  });
});

describe("the grams of a text", () => {
  it("are its pairs of neighbouring characters, and the first characters of its words", () => {
    expect(gramsOf("anna b-c").sort()).toEqual([" a", "an", "nn", "na", " b", "b-", " -", "-c", " c"].sort());
  });

  it("treat each Chinese, Japanese or Korean character as the beginning of a word", () => {
    expect(gramsOf("王小明")).toEqual([" 王", "王小", " 小", "小明", " 明"]);
    expect(gramsOf("さクラ")).toEqual(expect.arrayContaining([" ク", "クラ"]));
    expect(gramsOf("김철수")).toEqual(expect.arrayContaining([" 철", "철수"]));
  });

  it("never split a character, and never span two texts", () => {
    expect(gramsOf("a😀𠮷")).toEqual([" a", "a😀", " 😀", "😀𠮷", " 𠮷"]);
    expect(gramsOf("ab\ncd")).toEqual([" a", "ab", " c", "cd"]);
  });
});

describe("the grams of a query", () => {
  const finds = (query: string, text: string) => {
    const grams = new Set(gramsOf(searchText(text)));
    return gramsWithin(searchText(query)).every((gram) => grams.has(gram));
  };

  it("are among the grams of every text that contains the query", () => {
    const texts = ["Straße 12-b", "王小明 (Ming)", "a  b", "Ünlü 😀😀 Łódź", "안녕 세계", "x.y_z"];
    for (const text of texts) {
      const characters = [...searchText(text)];
      for (let from = 0; from < characters.length; from += 1) {
        for (let to = from + 2; to <= characters.length; to += 1) {
          const part = characters.slice(from, to).join("");
          // A query is trimmed. A query of one character finds only words that begin with it.
          if ([...part.trim()].length > 1)
            expect([text, part, finds(part, text)]).toEqual([text, part, true]);
        }
      }
    }
  });

  it("of one character match words that begin with it", () => {
    expect(finds("l", "anna lena")).toBe(true);
    expect(finds("l", "anna-lena")).toBe(true);
    expect(finds("e", "anna lena")).toBe(false);
    expect(finds("小", "王小明")).toBe(true);
    expect(finds("😀", "anna😀")).toBe(true);
  });

  it("are not all among the grams of a text that lacks a part of the query", () => {
    expect(finds("lenb", "anna lena")).toBe(false);
    expect(finds("明小", "王小明")).toBe(false);
  });

  it("taken with `gramsOf` match the beginnings of words", () => {
    const grams = new Set(gramsOf(searchText("Hello, wide world")));
    const begins = (query: string) => gramsOf(searchText(query)).every((gram) => grams.has(gram));
    expect(begins("hel wor")).toBe(true);
    expect(begins("ello")).toBe(false);
  });
});
