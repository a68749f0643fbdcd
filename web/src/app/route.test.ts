import { expect, it } from "vitest";
import { annAndBen } from "../client/testing.ts";
import { conversationHref, parseRoute } from "./route.ts";

it("finds a conversation again by its address", () => {
  expect(parseRoute(conversationHref(annAndBen))).toEqual({ section: "chats", conversation: annAndBen });
});

it("shows the chats for what it does not know", () => {
  for (const hash of ["", "#", "#/nowhere", "#/chats/x", "#/chats/%"]) {
    expect(parseRoute(hash)).toEqual({ section: "chats", conversation: null });
  }
});
