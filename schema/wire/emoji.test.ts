import { expect, test } from "vitest";
import { Emoji } from "./emoji.ts";

test.each(["👍", "❤️", "👍🏽", "🇩🇪", "1️⃣", "👩‍❤️‍💋‍👨", "👩🏾‍🤝‍👨🏻", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏳️‍🌈"])("%s is an emoji", (text) => {
  expect(Emoji.parse(text)).toBe(text);
});

test("an emoji without its variation selector is stored with it", () => {
  expect(Emoji.parse("\u2764")).toBe("\u2764\uFE0F");
});

test.each(["", "a", "1", "👍👍", "👍 ", "👩‍", "\uFE0F", "\uD83D", "👍".repeat(10_000)])(
  "%j is not one emoji",
  (text) => {
    expect(Emoji.safeParse(text).success).toBe(false);
  },
);
