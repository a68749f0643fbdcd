import { describe, expect, it } from "vitest";
import { assemble, SyncRow } from "./sync.ts";

/** A changed message with this rev, of a conversation at `conversationRev`. */
function row(conversation: string, rev: number, conversationRev: number, more: object = {}): SyncRow {
  return SyncRow.parse({
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

describe("a sync answer", () => {
  it("is empty when nothing has changed", () => {
    expect(assemble([])).toEqual({ conversations: [], more: false });
  });

  it("has the changes of each conversation in their order", () => {
    const answer = assemble([row("dm:1:2", 4, 5), row("dm:1:2", 5, 5), row("group:7", 1, 1, { waiting: 2 })]);
    expect(answer.conversations.map(({ id, messages }) => [id, messages.map(({ rev }) => rev)])).toEqual([
      ["dm:1:2", [4, 5]],
      ["group:7", [1]],
    ]);
    expect(answer.more).toBe(false);
  });

  it("says of a conversation that was cut short that there is more, and how far it has come", () => {
    const [conversation] = assemble([row("dm:1:2", 1, 3), row("dm:1:2", 2, 3)]).conversations;
    expect(conversation).toMatchObject({ more: true, rev: 2, lastSeq: 3 });
  });

  it("is done with a conversation whose newest messages alone were wanted", () => {
    const rows = [row("dm:1:2", 28, 30, { latest: true }), row("dm:1:2", 29, 30, { latest: true })];
    expect(assemble(rows).conversations[0]).toMatchObject({ more: false, rev: 30 });
  });

  it("says when further conversations wait", () => {
    expect(assemble([row("dm:1:2", 1, 1, { waiting: 2 })]).more).toBe(true);
  });

  it("holds nothing but what the protocol says", () => {
    const [conversation] = assemble([row("dm:1:2", 1, 1)]).conversations;
    expect(Object.keys(conversation ?? {}).sort()).toEqual([
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
