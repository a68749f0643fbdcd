import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { redisKeys } from "../../lib/redis-keys.ts";
import type { Submission } from "../../lib/rpc/logic.ts";
import { conversationTopic } from "../../lib/topic.ts";
import type { ConversationId } from "../../schema/wire/conversation-id.ts";
import { ClientId, MessageId, type UserId } from "../../schema/wire/ids.ts";
import type { Message } from "../../schema/wire/message.ts";
import { searchMessages } from "../api/search-messages.ts";
import { submit } from "../logic/submit.ts";
import { drain } from "./drain.ts";
import { indexMessages } from "./search-index.ts";
import { personOf, type Spine, startSpine, textFrom } from "./spine.fixture.ts";

let spine: Spine;
let conversation: ConversationId;
let ada: UserId;
let ben: UserId;

beforeAll(async () => {
  spine = await startSpine();
  await spine.task.redis.set(redisKeys.epoch, "1");
}, 30_000);

afterAll(() => spine.close());

beforeEach(async () => {
  const [pair] = await spine.pairs(1);
  if (pair === undefined) throw new Error("no pair");
  conversation = pair;
  [ada, ben] = [personOf(pair, 0), personOf(pair, 1)];
});

describe("a message", () => {
  test("is found a moment after it was stored, by both people and by nobody else", async () => {
    const [stranger] = await spine.pairs(1);
    if (stranger === undefined) throw new Error("no pair");
    await applied(text("Hello, wide world"), text("又是一天 iPhone"));
    await index();
    for (const userId of [ada, ben]) {
      expect(await found("wor hel", userId)).toEqual(["Hello, wide world"]);
      expect(await found("一天", userId)).toEqual(["又是一天 iPhone"]);
    }
    expect(await found("hello", personOf(stranger, 0))).toEqual([]);
    expect(await found("ello")).toEqual([]);
  });

  test("is found by its new text after an edit, and not at all after a recall", async () => {
    await applied(text("first words"), text("recalled words"));
    const [first, recalled] = await ids();
    await index();
    await applied(edit(first, "other terms"), recall(recalled));
    await index();
    expect(await found("words")).toEqual([]);
    expect(await found("terms")).toEqual(["other terms"]);
    expect(await rows("SELECT message_id FROM unindexed_messages")).toEqual([]);
  });

  test("that changes while it is indexed is indexed again", async () => {
    await applied(text("old words"));
    const [id] = await ids();
    // As a run that has read the old text, and another that has indexed the new one before it goes on.
    await applied(edit(id, "new words"));
    await index();
    await rows("INSERT INTO unindexed_messages (message_id, rev) SELECT id, 1 FROM messages WHERE id = $1", [
      id,
    ]);
    await rows("UPDATE message_tokens SET rev = 5 WHERE message_id = $1", [id]);
    await index();
    expect(await rows("SELECT rev FROM message_tokens WHERE message_id = $1", [id])).toEqual([{ rev: 5 }]);
    expect(await found("new")).toEqual(["new words"]);
  });

  test("is gone from the index when it is deleted", async () => {
    await applied(text("short life"));
    const [id] = await ids();
    await index();
    await rows("DELETE FROM messages WHERE id = $1", [id]);
    expect(await rows("SELECT 1 FROM message_tokens WHERE message_id = $1", [id])).toEqual([]);
  });
});

describe("a search", () => {
  test("goes from page to page, and finds what is rare among many as well as what is common", async () => {
    await applied(
      ...Array.from({ length: 400 }, (_, n) => text(`common ${n % 100 === 0 ? "rare" : "word"} ${n}`)),
    );
    await index();
    expect(await found("rare")).toEqual([300, 200, 100, 0].map((n) => `common rare ${n}`));
    expect(await found("rare", ada, 3)).toEqual([300, 200, 100, 0].map((n) => `common rare ${n}`));
    const all = await found("common", ada, 150);
    expect(all).toHaveLength(400);
    expect(all.at(0)).toBe("common word 399");
    expect(all.at(-1)).toBe("common rare 0");
  });

  test("finds the newest of conversations that are busy and quiet by turns, and misses none", async () => {
    // Of ten conversations, the first has most of the newest messages, the last has only old ones.
    await rows(
      `INSERT INTO conversations (id, last_message_id)
       SELECT 'group:' || (7000 + n), 1000000 + 3000 - n * n FROM generate_series(0, 9) AS n`,
    );
    await rows(
      "INSERT INTO members (conversation, user_id, role) SELECT 'group:' || (7000 + n), $1, 'member' FROM generate_series(0, 9) AS n",
      [ada],
    );
    await rows(
      `INSERT INTO messages (id, conversation, seq, rev, sender_id, client_id, content, sent_at)
       SELECT 1000000 + n, 'group:' || (7000 + place), n, n, $1, gen_random_uuid(),
              jsonb_build_object('type', 'text', 'text', CASE WHEN n % 5 = 0 THEN 'fifth ' ELSE 'other ' END || n), now()
         FROM (
           SELECT n, CASE WHEN n % 3 > 0 AND n > 1500 THEN 0 WHEN n > 1000 THEN n % 9 ELSE n % 10 END AS place
             FROM generate_series(1, 3000) AS n
         ) AS drawn`,
      [ada],
    );
    await index();
    const expected = Array.from({ length: 600 }, (_, n) => `fifth ${3000 - n * 5}`);
    for (const limit of [1, 7, 50, 200]) {
      const first = await search("fifth", ada, limit, {});
      expect(first?.found.map(({ message }) => textOf(message))).toEqual(expected.slice(0, limit));
    }
    expect(await found("fifth", ada, 50)).toEqual(expected);
    expect(await found("1005", ada, 1)).toEqual(["fifth 1005"]);
  });

  test("can be limited to a conversation and a sender", async () => {
    await applied(text("from ada"), text("from ben", ben));
    await index();
    const of = async (senderId: UserId) => await found("from", ada, 50, { senderId, conversation });
    expect(await of(ada)).toEqual(["from ada"]);
    expect(await of(ben)).toEqual(["from ben"]);
    const [other] = await spine.pairs(1);
    expect(await search("from", ada, 50, { conversation: other })).toBeNull();
  });

  test("leaves out what its person has hidden", async () => {
    await applied(text("hidden thing"), text("shown thing"));
    const [hidden] = await ids();
    await index();
    await rows(
      "INSERT INTO hidden_messages (message_id, user_id, conversation, seq, rev) VALUES ($1, $2, $3, 1, 2)",
      [hidden, ben, conversation],
    );
    expect(await found("thing", ben)).toEqual(["shown thing"]);
    expect(await found("hidden", ben)).toEqual([]);
    expect(await found("thing", ada)).toEqual(["shown thing", "hidden thing"]);
  });
});

type Where = { conversation?: ConversationId | undefined; senderId?: UserId };

function search(
  query: string,
  userId: UserId,
  limit: number,
  { conversation: only, senderId }: Where,
  before?: MessageId,
) {
  const { database } = spine.task;
  return searchMessages(database, { userId, query, conversation: only, senderId }, limit, before);
}

/** The texts that a search finds, page by page. */
async function found(query: string, userId = ada, limit = 50, where: Where = {}): Promise<string[]> {
  const texts: string[] = [];
  let before: MessageId | undefined;
  do {
    const result = await search(query, userId, limit, where, before);
    if (result === null) throw new Error("not in the conversation");
    expect(result.found.length).toBeLessThanOrEqual(limit);
    for (const { message } of result.found) texts.push(textOf(message));
    before = result.next ?? undefined;
  } while (before !== undefined);
  return texts;
}

function text(words: string, senderId = ada): Submission {
  return textFrom(conversation, senderId, words);
}

function edit(messageId: MessageId, words: string): Submission {
  const clientId = ClientId.parse(randomUUID());
  const content = { type: "text" as const, text: words };
  return { userId: ada, frame: { op: "edit", conversation, clientId, messageId, content } };
}

function recall(messageId: MessageId): Submission {
  return {
    userId: ada,
    frame: { op: "recall", conversation, clientId: ClientId.parse(randomUUID()), messageId },
  };
}

const index = () => indexMessages(spine.task);

/** The ids of the first two messages. */
async function ids(): Promise<[MessageId, MessageId]> {
  const stored = await rows("SELECT id::text FROM messages WHERE conversation = $1 ORDER BY seq", [
    conversation,
  ]);
  const [first, second = first] = stored.map(({ id }) => MessageId.parse(id));
  if (first === undefined || second === undefined) throw new Error("nothing is stored");
  return [first, second];
}

/** Submits a batch and drains it as one. */
async function applied(...batch: Submission[]): Promise<void> {
  expect((await submit(spine.logic, batch)).filter(({ ok }) => !ok)).toEqual([]);
  const { delivered } = await drain(spine.task, [conversationTopic(conversation)]);
  expect((await delivered).failed).toEqual([]);
}

function rows(sql: string, values: unknown[] = []) {
  return spine.task.database.$client.query(sql, values);
}

function textOf({ content }: Message): string {
  return content?.type === "text" ? content.text : "";
}
