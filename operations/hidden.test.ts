import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { relayFacts } from "../lib/fact-relay.ts";
import { redisKeys } from "../lib/redis-keys.ts";
import { conversationTopic, userTopic } from "../lib/topic.ts";
import type { ConversationId } from "../schema/wire/conversation-id.ts";
import { MessageId, type UserId } from "../schema/wire/ids.ts";
import { changeConversation, findConversation, listConversations } from "../workers/api/conversations.ts";
import { hideMessage } from "../workers/api/hide-message.ts";
import { sync } from "../workers/api/sync.ts";
import { submit } from "../workers/logic/submit.ts";
import { drain } from "../workers/task/drain.ts";
import { personOf, type Spine, startSpine, textFrom } from "../workers/task/spine.fixture.ts";

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
  await spine.task.redis.sadd(redisKeys.userRoutes(ben), "local:0");
  // Those of the new friendships.
  await spine.task.database.$client.query("DELETE FROM pending_facts");
  spine.deliveries.length = 0;
});

test("a hide that task comes to after further messages is told to devices that have these by sync", async () => {
  const [first] = await sent("one", "two");
  expect(await hideMessage(spine.task.database, ben, conversation, first)).toBeNull();
  // The next message overtakes the fact of the hide.
  await sent("three");
  await relayed();
  expect(heard()).toEqual(["one", "two", "three", { ev: "message.hidden", conversation, messageId: first }]);
  await sent("four");
  expect(await hiddenSince(2)).toEqual([first]);
  expect(await hiddenSince(3)).toEqual([first]);
  expect(await hiddenSince(4)).toBeUndefined();
  // A device without a rev learns of it, too: somebody may change the message later.
  expect(await hiddenSince(0)).toEqual([first]);
});

test("hiding again changes and tells nothing, and only what is there can be hidden", async () => {
  const [first] = await sent("one");
  const hide = (userId: UserId, id: MessageId) => hideMessage(spine.task.database, userId, conversation, id);
  expect([await hide(ben, first), await hide(ben, first)]).toEqual([null, null]);
  expect(await hide(ben, MessageId.parse("77"))).toBe("message_not_found");
  const [others] = await spine.pairs(1);
  if (others === undefined) throw new Error("no pair");
  expect(await hide(personOf(others, 0), first)).toBe("conversation_not_found");
  await relayed();
  expect(heard()).toHaveLength(2);
});

test("what is hidden is neither unread nor the last message", async () => {
  const [first, , third] = await sent("one", "two", "three");
  for (const id of [first, third]) await hideMessage(spine.task.database, ben, conversation, id);
  const seen = await findConversation(spine.task, ben, conversation);
  expect(seen).toMatchObject({ lastSeq: 3, unread: 1, firstUnreadSeq: 2, lastMessage: { seq: 2 } });
  expect(await listConversations(spine.task, ben, 10)).toMatchObject([{ conversation: seen }]);
  expect(await findConversation(spine.task, ada, conversation)).toMatchObject({
    unread: 0,
    lastMessage: { seq: 3 },
  });
});

test("what a person sets for a conversation is told to them as it is by then", async () => {
  const set = (change: object) => changeConversation(spine.task, ben, conversation, change);
  await set({ pinned: true, draft: "first" });
  const changed = await set({ draft: "second", archived: false });
  expect(changed).toMatchObject({ pinned: true, draft: "second" });
  expect(await relayFacts(spine.logic, [userTopic(ben)])).toEqual([userTopic(ben)]);
  await drained(userTopic(ben));
  expect(heard()).toEqual([{ ev: "conversation.updated", conversation: changed }]);
  expect(await set({ draft: null, pinned: null })).not.toHaveProperty("draft");
});

/** Sends texts and stores them as one batch; returns their ids. */
async function sent(...texts: string[]): Promise<[MessageId, MessageId, MessageId]> {
  const before = heard().length;
  await submit(
    spine.logic,
    texts.map((text) => textFrom(conversation, ada, text)),
  );
  await drained(conversationTopic(conversation));
  expect(heard().slice(before)).toEqual(texts);
  const rows = await spine.task.database.$client.query(
    "SELECT id::text FROM messages WHERE conversation = $1 ORDER BY seq DESC LIMIT $2",
    [conversation, texts.length],
  );
  const [first, second = first, third = first] = rows.toReversed().map(({ id }) => MessageId.parse(id));
  if (first === undefined || second === undefined || third === undefined)
    throw new Error("nothing is stored");
  return [first, second, third];
}

/** Puts the facts of the conversation's topic into the log, and drains it. */
async function relayed(): Promise<void> {
  await relayFacts(spine.logic, [conversationTopic(conversation)]);
  await drained(conversationTopic(conversation));
}

async function drained(topic: ReturnType<typeof userTopic>): Promise<void> {
  const { delivered } = await drain(spine.task, [topic]);
  expect((await delivered).failed).toEqual([]);
}

/** What sync says of hidden messages to a device with this rev. */
async function hiddenSince(rev: number) {
  const { conversations } = await sync(spine.task.database, ben, {
    conversations: { [conversation]: rev } as Parameters<typeof sync>[2]["conversations"],
  });
  return conversations.find(({ id }) => id === conversation)?.hidden;
}

/** What the reader's bucket got: the texts of messages, and other events. */
function heard() {
  return spine.pushed().flatMap(({ events }) =>
    events.map((event) => {
      if (event.ev !== "message") return event;
      return event.message.content?.type === "text" ? event.message.content.text : null;
    }),
  );
}
