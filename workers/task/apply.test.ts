import { Kafka } from "@upstash/kafka";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { append } from "../../lib/append.ts";
import { redisKeys } from "../../lib/redis-keys.ts";
import { conversationTopic } from "../../lib/topic.ts";
import { OPERATIONS } from "../../operations/kinds.ts";
import type { ConversationId } from "../../schema/wire/conversation-id.ts";
import { submit } from "../logic/submit.ts";
import { drain } from "./drain.ts";
import { drainInSeries } from "./series.ts";
import { personOf, type Spine, startSpine, textFrom } from "./spine.fixture.ts";

let spine: Spine;

beforeAll(async () => {
  spine = await startSpine();
  await spine.task.redis.set(redisKeys.epoch, "1");
}, 30_000);

afterAll(() => spine.close());

beforeEach(() => {
  spine.deliveries.length = 0;
});

describe("records that cannot be applied", () => {
  test("one that Postgres refuses is set aside, and all others of its batch are stored in order", async () => {
    const conversations = await spine.pairs(8);
    const [poisoned] = conversations;
    if (poisoned === undefined) throw new Error("no pairs");
    await write(conversations, "before");
    // A year that the wire's timestamps have and Postgres does not.
    await append(spine.logic, [
      {
        ...spine.logic.messageLog.place(conversationTopic(poisoned)),
        record: {
          kind: "operation",
          senderId: personOf(poisoned, 0),
          acceptedAt: "0000-01-01T00:00:00.000Z",
          operation: textFrom(poisoned, personOf(poisoned, 0), "poison").frame,
        },
      },
    ]);
    await write(conversations, "after");
    await drained(conversations);

    for (const conversation of conversations) expect(await texts(conversation)).toEqual(["before", "after"]);
    expect(await deadLetters(conversationTopic(poisoned))).toEqual([
      { offset: "1", reason: expect.stringMatching(/^22/), record: expect.stringContaining("poison") },
    ]);
    expect((await drain(spine.task, [conversationTopic(poisoned)])).busy).toEqual([]);
    expect(await deadLetters(conversationTopic(poisoned))).toHaveLength(1);
  });

  test("one that cannot be read is set aside as it is", async () => {
    const [conversation] = await spine.pairs(1);
    if (conversation === undefined) throw new Error("no pair");
    await new Kafka(spine.kafka).producer().produce(conversationTopic(conversation), "not a record");
    await write([conversation], "after it");
    await drained([conversation]);
    expect(await texts(conversation)).toEqual(["after it"]);
    expect(await deadLetters(conversationTopic(conversation))).toEqual([
      { offset: "0", reason: "unreadable", record: "not a record" },
    ]);
  });

  test("a fault of Postgres itself sets nothing aside: the drain fails, and the next one stores everything", async () => {
    const [conversation] = await spine.pairs(1);
    if (conversation === undefined) throw new Error("no pair");
    await write([conversation], "hello");
    await execute("ALTER TABLE messages RENAME TO messages_away", []);
    await expect(drain(spine.task, [conversationTopic(conversation)])).rejects.toThrow("messages");
    await execute("ALTER TABLE messages_away RENAME TO messages", []);
    await drained([conversation]);
    expect(await texts(conversation)).toEqual(["hello"]);
    expect(await deadLetters(conversationTopic(conversation))).toEqual([]);
  });
});

describe("records that Postgres refuses for a reason that may be its own", () => {
  /** Has Postgres refuse a text as no fault of the data would be: by an error that a trigger raises. */
  async function refusing(text: string): Promise<() => Promise<unknown>> {
    await execute(
      `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused'; END $$`,
      [],
    );
    await execute(
      `CREATE TRIGGER refuse BEFORE INSERT ON messages FOR EACH ROW
       WHEN (NEW.content->>'text' = '${text}') EXECUTE FUNCTION refuse()`,
      [],
    );
    return () => execute("DROP FUNCTION refuse CASCADE", []);
  }

  test("one is set aside when others of its kind are stored", async () => {
    const conversations = await spine.pairs(8);
    const [bad] = conversations;
    if (bad === undefined) throw new Error("no pairs");
    const end = await refusing("bad");
    await write([bad], "bad");
    await write(conversations, "good");
    await drained(conversations);
    for (const conversation of conversations) expect(await texts(conversation)).toEqual(["good"]);
    expect(await deadLetters(conversationTopic(bad))).toMatchObject([
      { offset: "0", reason: "P0001: refused" },
    ]);
    await end();
  });

  test("one that is alone fails its drain until another of its kind is stored, and stops no other topic", async () => {
    const [bad, other] = await spine.pairs(2);
    if (bad === undefined || other === undefined) throw new Error("no pairs");
    const end = await refusing("bad");
    await write([bad], "bad");
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(drain(spine.task, [conversationTopic(bad)])).rejects.toThrow("refused");
    }
    expect(await deadLetters(conversationTopic(bad))).toEqual([]);
    await write([other], "good");
    await drainInSeries(spine.task, [conversationTopic(bad), conversationTopic(other)]);
    await spine.settled();
    expect(await texts(other)).toEqual(["good"]);
    await drained([bad]);
    expect(await deadLetters(conversationTopic(bad))).toHaveLength(1);
    await end();
  });

  test("none is set aside when all are refused", async () => {
    const conversations = await spine.pairs(4);
    for (const text of ["one", "two"]) await write(conversations, text);
    await execute("ALTER TABLE messages RENAME TO messages_away", []);
    await expect(drain(spine.task, conversations.map(conversationTopic))).rejects.toThrow("messages");
    await execute("ALTER TABLE messages_away RENAME TO messages", []);
    await drained(conversations);
    for (const conversation of conversations) {
      expect(await texts(conversation)).toEqual(["one", "two"]);
      expect(await deadLetters(conversationTopic(conversation))).toEqual([]);
    }
  });
});

test("a record that this code cannot make a statement of is set aside, and so is one that it cannot push", async () => {
  const [unmade, unpushed, good] = await spine.pairs(3);
  if (unmade === undefined || unpushed === undefined || good === undefined) throw new Error("no pairs");
  const { apply, push } = OPERATIONS.send;
  vi.spyOn(OPERATIONS.send, "apply").mockImplementation((run) => {
    if (run.some(({ operation }) => operation.conversation === unmade)) throw new TypeError("cannot be made");
    return apply(run);
  });
  vi.spyOn(OPERATIONS.send, "push").mockImplementation((logged, row, online) => {
    if (logged.operation.conversation === unpushed) throw new TypeError("cannot be pushed");
    return push(logged, row, online);
  });
  await write([unmade, unpushed, good], "hello");
  await drained([unmade, unpushed, good]);
  vi.restoreAllMocks();
  expect(await texts(unmade)).toEqual([]);
  expect(await texts(unpushed)).toEqual(["hello"]);
  expect(await texts(good)).toEqual(["hello"]);
  const reasonOf = async (conversation: ConversationId) =>
    (await deadLetters(conversationTopic(conversation))).map(({ reason }) => reason);
  expect(await reasonOf(unmade)).toEqual(["Unusable: TypeError: cannot be made"]);
  expect(await reasonOf(unpushed)).toEqual(["applied, but not pushed: TypeError: cannot be pushed"]);
  expect(await reasonOf(good)).toEqual([]);
});

test("an operation that was applied before is pushed again as it is stored", async () => {
  const [conversation] = await spine.pairs(1);
  if (conversation === undefined) throw new Error("no pair");
  await spine.task.redis.sadd(redisKeys.userRoutes(personOf(conversation, 1)), "local:0");
  const message = textFrom(conversation, personOf(conversation, 0), "once");
  await submit(spine.logic, [message]);
  await drained([conversation]);
  await submit(spine.logic, [message]);
  await drained([conversation]);
  const [first, second] = spine.pushed().flatMap(({ events }) => events);
  expect(first).toMatchObject({ ev: "message", message: { seq: 1, rev: 1, content: { text: "once" } } });
  expect(second).toEqual(first);
});

async function write(conversations: ConversationId[], text: string): Promise<void> {
  const batch = conversations.map((conversation) => textFrom(conversation, personOf(conversation, 0), text));
  const outcomes = await submit(spine.logic, batch);
  expect(outcomes.every(({ ok }) => ok)).toBe(true);
}

async function drained(conversations: ConversationId[]): Promise<void> {
  const { busy, delivered } = await drain(spine.task, conversations.map(conversationTopic));
  expect(busy).toEqual([]);
  expect((await delivered).failed).toEqual([]);
}

async function texts(conversation: ConversationId): Promise<unknown[]> {
  const rows = await execute(
    "SELECT content->>'text' AS text FROM messages WHERE conversation = $1 ORDER BY seq",
    [conversation],
  );
  return rows.map(({ text }) => text);
}

function deadLetters(topic: string) {
  return execute('SELECT "offset"::text, reason, record FROM dead_letters WHERE topic = $1', [topic]);
}

function execute(text: string, values: unknown[]) {
  return spine.task.database.$client.query(text, values);
}
