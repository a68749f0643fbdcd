import { describe, expect, it } from "vitest";
import { fold } from "../schema/wire/text.ts";
import { highlightsOf, termsOf, tokensOf, tokensWithin } from "./message-search.ts";

/** The parts of a text that a query highlights; null when the query does not find it. */
function found(query: string, text: string): string[] | null {
  return highlightsOf(text, termsOf(query))?.map(([start, end]) => text.slice(start, end)) ?? null;
}

const TEXTS = [
  "Hello, wide world: hello again",
  "Straße nach ÜBERALL, Ünlü & naïve café",
  "cafe\u0301 e\u0301te\u0301 (decomposed)",
  "今天我们去看电影，明天见",
  "我用iPhone手机 and 5G",
  "コーヒーを飲む ｺｰﾋｰ ｶﾞｷﾞ",
  "안녕 세계, 반갑습니다 \u1112\u1161\u11ab",
  "ﬁnal ﬂow ½ ㎏ Ⅷ ℡",
  "😀👩‍👩‍👧 Łódź c++ a_b ὈΔΥΣΣΕΎΣ İstanbul",
  "𠮷野家 で 食べる",
  "internationalization of internationalized international things",
];

describe("a query", () => {
  it("finds the beginnings of words, and anything within scripts without spaces", () => {
    expect(found("hel wor", "Hello, wide world")).toEqual(["Hel", "wor"]);
    expect(found("ello", "Hello")).toBeNull();
    expect(found("hello there", "Hello")).toBeNull();
    expect(found("们去", "今天我们去看")).toEqual(["们去"]);
    expect(found("去们", "今天我们去看")).toBeNull();
    expect(found("iphone", "我用iPhone手机")).toEqual(["iPhone"]);
    expect(found("手机", "我用iPhone手机")).toEqual(["手机"]);
    expect(found("세계", "안녕 세계")).toEqual(["세계"]);
  });

  it("has no terms without a letter or sign", () => {
    expect(termsOf(" .,!? ")).toEqual([]);
    expect(termsOf("c++, C++")).toEqual(["c++"]);
  });
});

describe("the highlights of a text", () => {
  it("are places in the original, whatever folding does to its length", () => {
    expect(found("strasse", "Alte STRAẞE, alte Straße")).toEqual(["STRAẞE", "Straße"]);
    expect(found("final", "a ﬁnal word")).toEqual(["ﬁnal"]);
    expect(found("café", "cafe\u0301")).toEqual(["cafe\u0301"]);
    expect(found("ガ", "x ｶﾞ")).toEqual(["ｶﾞ"]);
    expect(found("한", "\u1112\u1161\u11ab")).toEqual(["\u1112\u1161\u11ab"]);
    expect(found("οδυσσευσ", "Ὀ ΟΔΥΣΣΕΥΣ")).toEqual(["ΟΔΥΣΣΕΥΣ"]);
    expect(found("野家", "𠮷野家")).toEqual(["野家"]);
    expect(found("s", "ß")).toEqual(["ß"]);
  });

  it("are in rising order and do not overlap", () => {
    expect(highlightsOf("anna an annabel", ["anna", "an"])).toEqual([
      [0, 4],
      [5, 7],
      [8, 12],
    ]);
    expect(highlightsOf("哈哈哈", ["哈哈"])).toEqual([[0, 3]]);
  });
});

describe("the tokens of a term", () => {
  it("are among those of every text in which it is found", () => {
    for (const text of TEXTS) {
      const tokens = new Set(tokensOf(text));
      const characters = [...fold(text)];
      for (let from = 0; from < characters.length; from++) {
        for (let to = from + 1; to <= characters.length; to++) {
          const terms = termsOf(characters.slice(from, to).join(""));
          if (terms.length !== 1 || highlightsOf(text, terms) === null) continue;
          const missing = terms.flatMap(tokensWithin).filter((token) => !tokens.has(token));
          expect([text, terms, missing]).toEqual([text, terms, []]);
        }
      }
    }
  });

  it("are few: the longest beginning of each word, and each pair", () => {
    expect(tokensWithin("internationalization")).toHaveLength(1);
    expect(tokensWithin("小明天")).toHaveLength(2);
    expect(tokensWithin("明")).toHaveLength(1);
  });

  it("exclude texts with other words", () => {
    const tokens = new Set(tokensOf("Hello, wide world"));
    const fits = (term: string) => tokensWithin(term).every((token) => tokens.has(token));
    expect(["hell", "hello", "wi"].map(fits)).toEqual([true, true, true]);
    expect(["help", "ello", "wo rm"].map(fits)).toEqual([false, false, false]);
  });
});

it("the longest text has a bounded number of tokens", () => {
  const text = Array.from({ length: 8_000 }, (_, index) => String.fromCodePoint(0x4e00 + index)).join("");
  expect(tokensOf(text).length).toBeLessThan(4_100);
});
