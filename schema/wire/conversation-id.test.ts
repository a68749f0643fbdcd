import { expect, test } from "vitest";
import {
  ConversationId,
  conversationParts,
  directConversation,
  groupConversation,
} from "./conversation-id.ts";
import { GroupId, UserId } from "./ids.ts";

const nine = UserId.parse("9");
const ten = UserId.parse("10");

test("a direct conversation has the same id for both people, with the lower number first", () => {
  expect(directConversation(nine, ten)).toBe("dm:9:10");
  expect(directConversation(ten, nine)).toBe("dm:9:10");
});

test("an id contains its two people or its group", () => {
  expect(conversationParts(directConversation(ten, nine))).toEqual({ kind: "dm", users: [nine, ten] });
  const groupId = GroupId.parse("77");
  expect(conversationParts(groupConversation(groupId))).toEqual({ kind: "group", groupId });
});

test.each([
  "dm:10:9",
  "dm:9:9",
  "dm:09:10",
  "dm:9",
  "dm:9:10:11",
  "group:",
  "group:0",
  "group:x",
  "dm:9:99999999999999999999",
  "DM:9:10",
  " dm:9:10",
  "",
])("%j is not a conversation id", (text) => {
  expect(ConversationId.safeParse(text).success).toBe(false);
});
