import { describe, expect, test } from "vitest";
import type { Submission } from "../lib/rpc/logic.ts";
import { MessageId, UserId } from "../schema/wire/ids.ts";
import type { Message } from "../schema/wire/message.ts";
import type { Operation, Send } from "../schema/wire/operation.ts";
import { friendsWhoTalk, textOf } from "./talk.fixture.ts";

const talk = friendsWhoTalk();
const { ada, ben, applied, asks, codes, heard, sent, text } = talk;

type References = Pick<Send, "replyTo" | "mentions" | "forwardOf">;

const stranger = UserId.parse("77");

describe("a reply", () => {
  test("shows the beginning of its original, as that one is now", async () => {
    const original = await sent(`hello ${"x".repeat(200)}`);
    await applied(send("indeed", { replyTo: original }));
    expect(last()).toMatchObject({
      seq: 2,
      content: { type: "text", text: "indeed" },
      replyTo: { id: original, seq: 1, senderId: ada(), excerpt: `hello ${"x".repeat(134)}` },
    });
    const reply = last().id;
    await applied(asks({ op: "edit", messageId: original, content: { type: "text", text: "bye" } }));
    await applied(asks({ op: "react", messageId: reply, emoji: "👍", on: true }));
    expect(last().replyTo?.excerpt).toBe("bye");
  });

  test("shows nothing of an original that is recalled, before it or after it", async () => {
    const original = await sent("secret");
    await applied(
      send("indeed", { replyTo: original }),
      recall(original),
      send("why?", { replyTo: original }),
    );
    expect(last()).toMatchObject({ content: { text: "why?" }, replyTo: { id: original, excerpt: null } });
    const reply = MessageId.parse(heard().find(({ seq }) => seq === 2)?.id);
    await applied(asks({ op: "pin", messageId: reply, on: true }));
    expect(heard().at(-2)).toMatchObject({ id: reply, pinned: true, replyTo: { seq: 1, excerpt: null } });
    await applied(recall(reply));
    expect(last()).not.toHaveProperty("replyTo");
  });

  test("is refused when its original is not in the conversation; its neighbours are not", async () => {
    const original = await sent("hello");
    const elsewhere = MessageId.parse("77");
    expect(
      await codes(send("a", { replyTo: elsewhere }), send("b", { replyTo: original }), text("c")),
    ).toEqual(["message_not_found", "ok", "ok"]);
  });
});

describe("mentions", () => {
  test("are those of members, each once, in their order", async () => {
    await applied(send("you and me", { mentions: [ben(), stranger, ada()] }));
    expect(last().mentions).toEqual([ben(), ada()]);
    expect(await named()).toEqual([`1 ${ada()}`, `1 ${ben()}`]);
    await applied(send("nobody", { mentions: [stranger] }));
    expect(last()).not.toHaveProperty("mentions");
    expect(await named()).toHaveLength(2);
  });

  test("of all are for a group's owner and admins", async () => {
    const id = await sent("hello");
    const content = { type: "text", text: "everybody" } as const;
    expect(
      await codes(
        send("everybody", { mentions: "all" }),
        asks({ op: "edit", messageId: id, content, mentions: "all" }),
      ),
    ).toEqual(["not_allowed", "not_allowed"]);
    await talk.query("UPDATE members SET role = 'admin' WHERE user_id = $1", ada());
    await applied(send("everybody", { mentions: "all" }));
    expect(last().mentions).toBe("all");
    expect(await named()).toEqual(["2 0"]);
  });

  test("stay when an edit says nothing of them, are replaced when it does, and go with a recall", async () => {
    await applied(send("you", { mentions: [ben()] }));
    const messageId = last().id;
    const content = { type: "text", text: "you!" } as const;
    await applied(asks({ op: "edit", messageId, content }));
    expect(last()).toMatchObject({ content, mentions: [ben()] });
    await applied(asks({ op: "edit", messageId, content, mentions: [ada()] }));
    expect(last()).toMatchObject({ rev: 3, mentions: [ada()] });
    expect(await named()).toEqual([`1 ${ada()}`]);
    await applied(asks({ op: "edit", messageId, content, mentions: [] }));
    expect(last()).not.toHaveProperty("mentions");
    await applied(asks({ op: "edit", messageId, content, mentions: [ben()] }), recall(messageId));
    expect(last()).not.toHaveProperty("mentions");
    expect(await named()).toEqual([]);
  });
});

describe("a forwarded message", () => {
  test("has the content of its original, and says who wrote it first, and when", async () => {
    const original = await sent("hello");
    const { sentAt } = last();
    await applied(forward(original, ben()));
    expect(last()).toMatchObject({
      senderId: ben(),
      content: { type: "text", text: "hello" },
      forwardOf: { senderId: ada(), sentAt },
    });
    await applied(forward(last().id, ben()));
    expect(last()).toMatchObject({
      seq: 3,
      content: { text: "hello" },
      forwardOf: { senderId: ada(), sentAt },
    });
    await applied(recall(last().id, ben()));
    expect(last()).not.toHaveProperty("forwardOf");
  });

  test("comes from a conversation that its sender can see, or is refused", async () => {
    const original = await sent("hello");
    const source = talk.conversation();
    const [elsewhere] = await talk.spine().pairs(1);
    if (elsewhere === undefined) throw new Error("no pair");
    const wrong = asks({ op: "send", forwardOf: { conversation: elsewhere, id: original } });
    await applied(recall(original));
    expect(await codes(forward(original, ada()), wrong)).toEqual(["message_not_found", "message_not_found"]);
    const other = await sent("other");
    const [, foreign] = elsewhere.split(":");
    const outsider = {
      ...asks({ op: "send", forwardOf: { conversation: source, id: other } }, UserId.parse(foreign)),
    };
    outsider.frame = { ...outsider.frame, conversation: elsewhere };
    expect(await codes(outsider)).toEqual(["message_not_found"]);
  });

  test("is not stored when its original is recalled before it, in the log", async () => {
    const original = await sent("hello");
    await applied(recall(original), forward(original, ben()), text("next"));
    expect(heard().map(({ seq, rev }) => [seq, rev])).toEqual([
      [1, 1],
      [1, 2],
      [2, 3],
    ]);
  });

  test("is delivered again as it was stored, when its record comes again after a recall of its original", async () => {
    const original = await sent("hello");
    const again = forward(original, ben());
    await applied(again);
    const stored = last();
    const repeat = asks(
      { op: "send", forwardOf: { conversation: talk.conversation(), id: original } },
      ben(),
    );
    expect(await codes(again)).toEqual(["ok"]);
    await talk.query("UPDATE messages SET content = NULL, recalled_at = now() WHERE id = $1", original);
    await talk.drained();
    expect(last()).toEqual(stored);
    expect(await codes(repeat)).toEqual(["message_not_found"]);
  });
});

test("a batch of all kinds of messages is stored in its order", async () => {
  const original = await sent("one");
  await applied(
    text("two"),
    send("three", { replyTo: original, mentions: [ben()] }),
    forward(original, ben()),
    text("five"),
  );
  expect(heard().map(({ seq, rev, content }) => [seq, rev, textOf(content)])).toEqual([
    [1, 1, "one"],
    [2, 2, "two"],
    [3, 3, "three"],
    [4, 4, "one"],
    [5, 5, "five"],
  ]);
});

function send(words: string, references: References): Submission<Operation> {
  return asks({ op: "send", content: { type: "text", text: words }, ...references });
}

function forward(id: MessageId, userId: UserId): Submission<Operation> {
  return asks({ op: "send", forwardOf: { conversation: talk.conversation(), id } }, userId);
}

function recall(messageId: MessageId, userId = ada()): Submission<Operation> {
  return asks({ op: "recall", messageId }, userId);
}

function last(): Message {
  const message = heard().at(-1);
  if (message === undefined) throw new Error("nothing was pushed");
  return message;
}

/** The rows of the table `mentions`: seq and person. */
async function named() {
  const rows = await talk.query(
    "SELECT seq || ' ' || user_id AS one FROM mentions WHERE conversation = $1 ORDER BY seq, user_id",
    talk.conversation(),
  );
  return rows.map(({ one }) => one);
}
