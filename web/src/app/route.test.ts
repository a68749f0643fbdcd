import { expect, it } from "vitest";
import { annAndBen } from "../client/testing.ts";
import { conversationHref, parseRoute } from "./route.ts";

it("finds a conversation again by its address", () => {
  expect(parseRoute(conversationHref(annAndBen))).toEqual({
    section: "chats",
    conversation: annAndBen,
    invite: null,
  });
});

it("finds the invite of a link", () => {
  const invite = "q3Zl0c1yT5mV8x2NfJr7Wg";
  expect(parseRoute(`#/invites/${invite}`)).toEqual({ section: "groups", conversation: null, invite });
});

it("shows the chats for what it does not know", () => {
  for (const hash of ["", "#", "#/nowhere", "#/chats/x", "#/chats/%", "#/invites/x"]) {
    expect(parseRoute(hash)).toEqual({ section: "chats", conversation: null, invite: null });
  }
});
