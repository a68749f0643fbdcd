import { describe, expect, test } from "vitest";
import type { Submission } from "../lib/rpc/logic.ts";
import { MessageId } from "../schema/wire/ids.ts";
import { friendsWhoTalk, textOf } from "./talk.fixture.ts";

const talk = friendsWhoTalk();
const { applied, codes, heard, sent, text } = talk;

describe("an edit", () => {
  test("gives the message its new text under the same id and seq, with the next rev", async () => {
    const id = await sent("first");
    await sent("second");
    await applied(edit(id, "better"));
    expect(await history()).toEqual([
      { seq: 1, rev: 3, text: "better", edited: true },
      { seq: 2, rev: 2, text: "second", edited: false },
    ]);
    expect(heard().at(-1)).toMatchObject({
      id,
      seq: 1,
      rev: 3,
      content: { text: "better" },
      editedAt: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/),
    });
  });

  test("edits and messages of one batch come out as if applied one by one", async () => {
    const [one, two] = [await sent("one"), await sent("two")];
    await applied(
      edit(one, "one a"),
      edit(two, "two a"),
      text("three"),
      edit(one, "one b"),
      edit(one, "one c"),
    );
    expect(await history()).toEqual([
      { seq: 1, rev: 7, text: "one c", edited: true },
      { seq: 2, rev: 4, text: "two a", edited: true },
      { seq: 3, rev: 5, text: "three", edited: false },
    ]);
    expect(heard().map(({ seq, rev, content }) => [seq, rev, textOf(content)])).toEqual([
      [1, 1, "one"],
      [2, 2, "two"],
      [1, 3, "one a"],
      [2, 4, "two a"],
      [3, 5, "three"],
      [1, 6, "one b"],
      [1, 7, "one c"],
    ]);
  });

  test("is applied once: an old one that comes again does not undo a newer one", async () => {
    const id = await sent("first");
    const older = edit(id, "older");
    await applied(older);
    await applied(edit(id, "newer"));
    await applied(older);
    expect(await history()).toEqual([{ seq: 1, rev: 3, text: "newer", edited: true }]);
    expect(heard().at(-1)).toMatchObject({ rev: 3, content: { text: "newer" } });
  });

  test("is refused for others, for messages that do not exist there, and after its time", async () => {
    const id = await sent("mine");
    const elsewhere = MessageId.parse("77");
    expect(await codes(edit(id, "yours", talk.ben()), edit(elsewhere, "nothing"), text("neighbour"))).toEqual(
      ["not_allowed", "message_not_found", "ok"],
    );
    await age(id);
    expect(await codes(edit(id, "too late"))).toEqual(["too_late"]);
  });
});

describe("a recall", () => {
  test("deletes the content; a later edit or recall of the message is applied as nothing", async () => {
    const id = await sent("secret");
    await applied(recall(id), edit(id, "changed"), recall(id), text("next"));
    expect(await history()).toEqual([
      { seq: 1, rev: 2, text: null, edited: false },
      { seq: 2, rev: 3, text: "next", edited: false },
    ]);
    expect(await contentOf(id)).toEqual({ content: null, recalled: true });
  });

  test("comes after an edit of the same batch that was sent before it", async () => {
    const id = await sent("secret");
    await applied(edit(id, "changed"), recall(id));
    expect(await history()).toEqual([{ seq: 1, rev: 3, text: null, edited: true }]);
    expect(await contentOf(id)).toEqual({ content: null, recalled: true });
  });

  test("is refused for the other person, for a message that does not exist, and after its time", async () => {
    const id = await sent("mine");
    expect(await codes(recall(id, talk.ben()), recall(MessageId.parse("77")))).toEqual([
      "not_allowed",
      "message_not_found",
    ]);
    await age(id);
    expect(await codes(recall(id))).toEqual(["too_late"]);
  });
});

function edit(messageId: MessageId, words: string, userId = talk.ada()): Submission {
  return talk.asks({ op: "edit", messageId, content: { type: "text", text: words } }, userId);
}

function recall(messageId: MessageId, userId = talk.ada()): Submission {
  return talk.asks({ op: "recall", messageId }, userId);
}

/** Makes a message too old to be changed by its sender. */
async function age(id: MessageId): Promise<void> {
  await talk.query("UPDATE messages SET sent_at = now() - interval '49 hours' WHERE id = $1", id);
}

async function contentOf(id: MessageId) {
  const [row] = await talk.query(
    "SELECT content, recalled_at IS NOT NULL AS recalled FROM messages WHERE id = $1",
    id,
  );
  return row;
}

async function history() {
  return await talk.query(
    `SELECT seq, rev, content->>'text' AS text, edited_at IS NOT NULL AS edited
       FROM messages WHERE conversation = $1 ORDER BY seq`,
    talk.conversation(),
  );
}
