import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { redisKeys } from "../../lib/redis-keys.ts";
import { friendsWhoTalk, textOf } from "../../operations/talk.fixture.ts";
import { SyncRequest } from "../../schema/wire/conversation.ts";
import { groupConversation } from "../../schema/wire/conversation-id.ts";
import { GroupId } from "../../schema/wire/ids.ts";
import { exportOf } from "../api/export.ts";
import { sync } from "../api/sync.ts";
import { removeOldMessages } from "./retention.ts";

const talk = friendsWhoTalk();
const { ada, ben, applied, asks, conversation, heard, query, sent, spine, text } = talk;

let lastGroup = 7_000_000;

/** What is set for conversations without days of their own. */
function keepFor(days: number): void {
  spine().task.retention = { RETENTION_DAYS: days };
}

beforeEach(() => keepFor(30));

afterEach(async () => {
  await spine().task.redis.flushdb();
  await spine().task.redis.set(redisKeys.epoch, "1");
});

describe("a message is removed", () => {
  test("when it is older than the system keeps it, and what is left has no gap", async () => {
    for (const words of ["one", "two", "three", "four"]) await sent(words);
    await age(3, 29);
    await age(2, 31);
    await removeOldMessages(spine().task);
    expect(await kept()).toEqual([3, 4]);
    expect(await begin()).toEqual({ first_seq: 3, last_seq: 4 });
    await age(4, 31);
    await removeOldMessages(spine().task);
    expect(await kept()).toEqual([]);
    expect(await begin()).toEqual({ first_seq: 5, last_seq: 4 });
  });

  test("also when it is the first after all others were removed", async () => {
    await sent("one");
    await age(1, 31);
    await removeOldMessages(spine().task);
    await sent("two");
    await removeOldMessages(spine().task);
    expect(await kept()).toEqual([2]);
    await age(2, 31);
    await removeOldMessages(spine().task);
    expect(await kept()).toEqual([]);
  });

  test("never when nothing says so", async () => {
    keepFor(0);
    await sent("one");
    await age(1, 10_000);
    await removeOldMessages(spine().task);
    expect(await kept()).toEqual([1]);
  });

  test("when it is older than its group keeps it, whatever the system's days", async () => {
    const [brief, long] = [await openGroup(), await openGroup()];
    await query("UPDATE groups SET retention_days = 7 WHERE id = $1::bigint", brief);
    await query("UPDATE groups SET retention_days = 365 WHERE id = $1::bigint", long);
    for (const group of [brief, long]) await store(group, 3);
    await age(2, 31, groupConversation(brief));
    await age(3, 8, groupConversation(brief));
    await age(3, 364, groupConversation(long));
    keepFor(0);
    await removeOldMessages(spine().task);
    expect(await kept(groupConversation(brief))).toEqual([]);
    expect(await kept(groupConversation(long))).toEqual([1, 2, 3]);
    keepFor(30);
    await removeOldMessages(spine().task);
    expect(await kept(groupConversation(long))).toEqual([1, 2, 3]);
    await query("UPDATE groups SET retention_days = NULL WHERE id = $1::bigint", long);
    await removeOldMessages(spine().task);
    expect(await kept(groupConversation(long))).toEqual([]);
  });

  test("batch by batch, however many there are", async () => {
    const groups = [await openGroup(), await openGroup()];
    for (const group of groups) {
      await store(group, 450);
      await age(449, 31, groupConversation(group));
    }
    const before = await spine().roundTrips();
    await removeOldMessages(spine().task);
    const after = await spine().roundTrips();
    for (const group of groups) expect(await kept(groupConversation(group))).toEqual([450]);
    // Two look-ups and removals of 200 from each, one of the rest, and the look that finds no more.
    expect(after.postgres - before.postgres).toBe(7);
  });
});

describe("with a message goes", () => {
  test("who has reacted to it, whom it names, and its reference to what was uploaded", async () => {
    const messageId = await sent("one");
    await applied(
      asks({ op: "react", messageId, emoji: "👍", on: true }, ben()),
      asks({ op: "send", content: { type: "text", text: "two" }, mentions: [ben()] }),
    );
    await query(
      `UPDATE messages SET content = '{"type":"image","url":"/api/v1/media/one"}' WHERE id = $1::bigint`,
      messageId,
    );
    await age(2, 31);
    await removeOldMessages(spine().task);
    expect(await query("SELECT * FROM reactions WHERE message_id = $1::bigint", messageId)).toEqual([]);
    expect(await query("SELECT * FROM mentions WHERE conversation = $1", conversation())).toEqual([]);
    expect(await query("SELECT url FROM released_media WHERE url = '/api/v1/media/one'")).toHaveLength(1);
  });

  test("not its client id: sent again, it is not stored again", async () => {
    const message = text("one");
    await applied(message);
    await age(1, 31);
    await removeOldMessages(spine().task);
    await applied(message, text("two"));
    expect(await kept()).toEqual([2]);
  });

  test("the excerpt in replies to it, not its place", async () => {
    const original = await sent("one");
    await applied(asks({ op: "send", content: { type: "text", text: "two" }, replyTo: original }));
    await age(1, 31);
    await removeOldMessages(spine().task);
    const [slice] = (await sync(spine().task.database, ada(), { conversations: {} })).conversations;
    expect(slice?.messages).toMatchObject([
      { seq: 2, replyTo: { id: original, seq: 1, senderId: ada(), excerpt: null } },
    ]);
  });
});

describe("a device that syncs", () => {
  test("gets what is left, and from where", async () => {
    for (const words of ["one", "two", "three"]) await sent(words);
    await age(2, 31);
    await removeOldMessages(spine().task);
    const { conversations, more } = await sync(spine().task.database, ben(), { conversations: {} });
    expect(more).toBe(false);
    expect(conversations).toMatchObject([{ firstSeq: 3, lastSeq: 3, rev: 3, more: false }]);
    expect(conversations[0]?.messages.map(({ content }) => textOf(content))).toEqual(["three"]);
  });

  test("is done when the changes that it does not have are of removed messages", async () => {
    const first = await sent("one");
    await sent("two");
    await applied(asks({ op: "edit", messageId: first, content: { type: "text", text: "uno" } }));
    expect(heard().at(-1)).toMatchObject({ seq: 1, rev: 3 });
    await age(1, 31);
    await removeOldMessages(spine().task);
    const behind = await sync(spine().task.database, ben(), device(1));
    expect(behind).toMatchObject({ conversations: [{ firstSeq: 2, rev: 3, more: false }], more: false });
    const nearly = await sync(spine().task.database, ben(), device(2));
    expect(nearly).toMatchObject({
      conversations: [{ firstSeq: 2, lastSeq: 2, rev: 3, messages: [], more: false }],
      more: false,
    });
    const through = await sync(spine().task.database, ben(), device(3));
    expect(through).toEqual({ conversations: [], more: false });
  });
});

test("an export passes over a conversation without messages", async () => {
  await sent("one");
  await age(1, 31);
  const group = await openGroup();
  await query(
    "INSERT INTO members (conversation, user_id, role) VALUES ($1, $2::bigint, 'member')",
    groupConversation(group),
    ada(),
  );
  await store(group, 2);
  await removeOldMessages(spine().task);
  // As if so many had been there that they would fill a page.
  await query(
    "UPDATE conversations SET first_seq = first_seq + 99999, last_seq = last_seq + 99999 WHERE id = $1",
    conversation(),
  );
  const failed = (fault: unknown) => {
    throw fault;
  };
  const lines = await new Response(exportOf(spine().task.database, ada(), failed)).text();
  const seqs = lines.split("\n").flatMap((line) => {
    const { kind, message } = JSON.parse(line || "{}");
    return kind === "message" ? [message.seq] : [];
  });
  expect(seqs).toEqual([1, 2]);
});

/** A device that has the conversation up to this rev. */
function device(rev: number): SyncRequest {
  return SyncRequest.parse({ conversations: { [conversation()]: rev } });
}

/** Makes the messages up to this seq as old as so many days. */
async function age(seq: number, days: number, id = conversation()): Promise<void> {
  await query(
    "UPDATE messages SET sent_at = now() - make_interval(days => $3) WHERE conversation = $1 AND seq <= $2",
    id,
    seq,
    days,
  );
  await query(
    `UPDATE conversations SET oldest_at = (
       SELECT sent_at FROM messages WHERE conversation = $1 ORDER BY seq LIMIT 1
     ) WHERE id = $1`,
    id,
  );
}

async function kept(id = conversation()): Promise<number[]> {
  const rows = await query("SELECT seq FROM messages WHERE conversation = $1 ORDER BY seq", id);
  return rows.map(({ seq }) => seq);
}

async function begin() {
  const [row] = await query("SELECT first_seq, last_seq FROM conversations WHERE id = $1", conversation());
  return row;
}

async function openGroup(): Promise<GroupId> {
  lastGroup += 1;
  const group = GroupId.parse(String(lastGroup));
  await query(
    "INSERT INTO groups (id, name, name_folded, join_policy) VALUES ($1::bigint, 'Club', 'club', 'open')",
    group,
  );
  await query("INSERT INTO conversations (id) VALUES ($1)", groupConversation(group));
  return group;
}

/** Stores so many texts in a group. */
async function store(group: GroupId, count: number): Promise<void> {
  const id = groupConversation(group);
  await query(
    `INSERT INTO messages (id, conversation, seq, rev, sender_id, client_id, content, sent_at)
     SELECT $2::bigint * 1000 + n, $1, n, n, 1, gen_random_uuid()::text, '{"type":"text","text":"hello"}', now()
       FROM generate_series(1, $3::int) AS n`,
    id,
    group,
    count,
  );
  await query("UPDATE conversations SET last_seq = $2, rev = $2 WHERE id = $1", id, count);
}
