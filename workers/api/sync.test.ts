import { describe, expect, it } from "vitest";
import { assemble, SyncRow } from "./sync.ts";

/** A message changed at `rev`, in a conversation whose newest rev is `conversationRev`. */
function row(conversation: string, rev: number, conversationRev: number, more: object = {}): SyncRow {
  return SyncRow.parse({
    conversation,
    isHidden: false,
    hides: null,
    firstSeq: 1,
    isBehind: true,
    message: {
      id: String(rev),
      conversation,
      seq: rev,
      rev,
      senderId: "1",
      clientId: "3b241101-e2bb-4255-8caf-4136c566a962",
      content: { type: "text", text: "hello" },
      sentAt: new Date(0).toISOString(),
    },
    lastSeq: conversationRev,
    conversationRev,
    readSeq: 0,
    latest: false,
    waiting: 1,
    ...more,
  });
}

describe("a sync response", () => {
  it("is empty when nothing has changed", () => {
    expect(assemble([])).toEqual({ conversations: [], more: false });
  });

  it("has the changes of each conversation in rising rev", () => {
    const response = assemble([
      row("dm:1:2", 4, 5),
      row("dm:1:2", 5, 5),
      row("group:7", 1, 1, { waiting: 2 }),
    ]);
    expect(response.conversations.map(({ id, messages }) => [id, messages.map(({ rev }) => rev)])).toEqual([
      ["dm:1:2", [4, 5]],
      ["group:7", [1]],
    ]);
    expect(response.more).toBe(false);
  });

  it("sets `more` on a conversation with more changes than fit, with the rev of its last message", () => {
    const rows = Array.from({ length: 200 }, (_, index) => row("dm:1:2", index + 1, 300));
    expect(assemble(rows).conversations).toMatchObject([{ more: true, rev: 200, lastSeq: 300 }]);
  });

  it("does not set `more` when the message of the newest rev has been removed", () => {
    const rows = [row("dm:1:2", 1, 3), row("dm:1:2", 2, 3)];
    expect(assemble(rows).conversations).toMatchObject([{ more: false, rev: 3 }]);
  });

  it("has a conversation whose changed messages have all been removed", () => {
    const { conversations, more } = assemble([row("dm:1:2", 3, 3, { message: null, firstSeq: 4 })]);
    expect(conversations).toEqual([
      { id: "dm:1:2", firstSeq: 4, lastSeq: 3, rev: 3, readSeq: 0, messages: [], more: false },
    ]);
    expect(more).toBe(false);
  });

  it("does not set `more` on a conversation of which only the newest messages were requested", () => {
    const rows = [row("dm:1:2", 28, 30, { latest: true }), row("dm:1:2", 29, 30, { latest: true })];
    expect(assemble(rows).conversations[0]).toMatchObject({ more: false, rev: 30 });
  });

  it("sets `more` at the top when further conversations have changed", () => {
    expect(assemble([row("dm:1:2", 1, 1, { waiting: 2 })]).more).toBe(true);
  });

  it("leaves out hidden messages, but goes on after them", () => {
    const rows = Array.from({ length: 200 }, (_, index) =>
      row("dm:1:2", index + 1, 300, { isHidden: index !== 1, hides: index === 0 ? ["9"] : null }),
    );
    const [conversation] = assemble(rows).conversations;
    expect(conversation).toMatchObject({ more: true, rev: 200, hidden: ["9"], messages: [{ rev: 2 }] });
  });

  it("names what is hidden where nothing else is new, which is no further change", () => {
    const quiet = row("dm:1:3", 5, 5, { message: null, isBehind: false, hides: ["9"], waiting: 1 });
    expect(assemble([row("dm:1:2", 1, 1), quiet])).toMatchObject({
      conversations: [{ id: "dm:1:2" }, { id: "dm:1:3", rev: 5, messages: [], hidden: ["9"], more: false }],
      more: false,
    });
  });

  it("has exactly the fields of the protocol", () => {
    const [conversation] = assemble([row("dm:1:2", 1, 1)]).conversations;
    expect(Object.keys(conversation ?? {}).sort()).toEqual([
      "firstSeq",
      "id",
      "lastSeq",
      "messages",
      "more",
      "readSeq",
      "rev",
    ]);
    expect(Object.keys(conversation?.messages[0] ?? {}).sort()).toEqual([
      ...["clientId", "content", "conversation", "id", "rev", "senderId", "sentAt", "seq"],
    ]);
  });
});
