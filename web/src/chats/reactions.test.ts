import { expect, it } from "vitest";
import { Emoji } from "../../../schema/wire/emoji.ts";
import { ann, ben, message } from "../client/testing.ts";
import { hasReacted, REACTIONS, reactionsOf } from "./reactions.ts";

const liked = { ...message(1), reactions: [{ emoji: "👍", count: 2, userIds: [ann.id, ben.id] }] };

it("counts reactions and knows one's own", () => {
  expect(reactionsOf(liked, ann.id)).toEqual([{ emoji: "👍", count: 2, isMine: true }]);
  expect(reactionsOf(message(1), ann.id)).toEqual([]);
  expect(hasReacted(liked, "👍", ann.id)).toBe(true);
  expect(hasReacted(liked, "🎉", ann.id)).toBe(false);
});

it.each(REACTIONS)("%s is an emoji as the server returns it", (emoji) => {
  expect(Emoji.parse(emoji)).toBe(emoji);
});
