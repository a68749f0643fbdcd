import { describe, expect, it } from "vitest";
import { HistoryQuery } from "../../schema/wire/conversation.ts";
import { Message } from "../../schema/wire/message.ts";
import { historyCursor, historyRange } from "./history-range.ts";

const range = (query: object) => historyRange(HistoryQuery.parse(query));
const messages = [3, 4, 5].map((seq) =>
  Message.parse({
    id: String(seq),
    conversation: "dm:1:2",
    seq,
    rev: seq,
    senderId: "1",
    clientId: "3b241101-e2bb-4255-8caf-4136c566a962",
    content: { type: "text", text: "hello" },
    sentAt: "2026-01-01T00:00:00.000Z",
  }),
);

describe("a history is read", () => {
  it("backward from its end by default", () => {
    expect(range({})).toEqual({ forward: false, after: undefined, before: undefined });
  });

  it("backward from `before`, forward from `after`", () => {
    expect(range({ before: "9" })).toMatchObject({ forward: false, before: 9 });
    expect(range({ after: "2" })).toMatchObject({ forward: true, after: 2 });
    expect(range({ after: "2", before: "9" })).toMatchObject({ forward: true, after: 2, before: 9 });
  });

  it("in the same direction and within the same bounds with its cursor", () => {
    const backward = historyCursor(range({ before: "9" }), messages);
    expect(range({ before: "9", cursor: backward })).toMatchObject({ forward: false, before: 3 });
    const forward = historyCursor(range({ after: "2", before: "9" }), messages);
    expect(range({ after: "2", before: "9", cursor: forward })).toMatchObject({
      forward: true,
      after: 5,
      before: 9,
    });
  });
});
