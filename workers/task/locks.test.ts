import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { redisKeys } from "../../lib/redis-keys.ts";
import { conversationTopic } from "../../lib/topic.ts";
import { SIGNALS } from "../../operations/kinds.ts";
import type { ConversationId } from "../../schema/wire/conversation-id.ts";
import { Seq, type UserId } from "../../schema/wire/ids.ts";
import { until } from "../../scripts/system/until.ts";
import { submit } from "../logic/submit.ts";
import { drain } from "./drain.ts";
import { indexMessages } from "./search-index.ts";
import { personOf, type Spine, startSpine, textFrom } from "./spine.fixture.ts";

/** A place in a conversation that somebody has. */
type Membership = { conversation: ConversationId; userId: UserId };

let spine: Spine;
let one: Membership;
let two: Membership;

beforeAll(async () => {
  spine = await startSpine();
  await spine.task.redis.set(redisKeys.epoch, "1");
}, 60_000);

afterAll(() => spine.close());

beforeEach(async () => {
  const pairs = (await spine.pairs(2)).toSorted();
  const [first, second] = pairs.map((conversation) => ({ conversation, userId: personOf(conversation, 0) }));
  if (first === undefined || second === undefined) throw new Error("no pairs");
  [one, two] = [first, second];
  await submit(
    spine.logic,
    pairs.map((conversation) => textFrom(conversation, personOf(conversation, 1), "hello")),
  );
  await drained();
});

describe("two transactions that lock the same rows", () => {
  test("deadlock when they take them in different orders: what the tests below would show", async () => {
    const lock = ({ conversation, userId }: Membership) =>
      sql().query("SELECT 1 FROM members WHERE conversation = $1 AND user_id = $2 FOR UPDATE", [
        conversation,
        userId,
      ]);
    const outcomes = await crossed(
      () => sql().transaction([lock(one), lock(two)]),
      () => sql().transaction([lock(two), lock(one)]),
    );
    expect(outcomes.filter(({ status }) => status === "rejected")).toMatchObject([
      { reason: { code: "40P01" } },
    ]);
  });

  test("do not, when both move read cursors", async () => {
    const read = (...memberships: Membership[]) =>
      SIGNALS.read.signal(
        spine.logic,
        memberships.map(({ conversation, userId }) => ({
          userId,
          frame: { op: "read", conversation, seq: Seq.parse(1) },
        })),
      );
    const outcomes = await crossed(
      () => read(one, two),
      () => read(two, one),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
  });

  test("do not, when one stores messages and the other moves read cursors", async () => {
    await submit(
      spine.logic,
      [one, two].map(({ conversation, userId }) => textFrom(conversation, userId, "mine")),
    );
    const outcomes = await crossed(
      () => drained(),
      () =>
        SIGNALS.read.signal(
          spine.logic,
          [two, one].map(({ conversation, userId }) => ({
            userId,
            frame: { op: "read", conversation, seq: Seq.parse(1) },
          })),
        ),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
  });

  test("do not, when both lock people", async () => {
    // Awaited, because the client makes no request before.
    const lock = async (...userIds: UserId[]) =>
      await sql().query("SELECT lock_users($1::bigint[])", [userIds]);
    const outcomes = await crossed(
      () => lock(one.userId, two.userId),
      () => lock(two.userId, one.userId),
      () => sql().query("SELECT 1 FROM users WHERE id = $1 FOR UPDATE", [lower(one.userId, two.userId)]),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
  });
});

test("the search index does not wait for a drain, which may be about to wait for it", async () => {
  const rows =
    "unindexed_messages JOIN messages ON messages.id = message_id WHERE conversation = ANY ($1::text[])";
  const unindexed = async () => {
    const found = await sql().query(`SELECT conversation FROM ${rows}`, [
      [one.conversation, two.conversation],
    ]);
    return found.map(({ conversation }) => conversation);
  };
  expect((await unindexed()).toSorted()).toEqual([one.conversation, two.conversation]);
  // As a drain that edits: a new rev locks the row against references to it, because revs have a unique index.
  const drain = sql().transaction([
    sql().query("UPDATE messages SET rev = rev + 1 WHERE conversation = $1", [one.conversation]),
    sql().query("SELECT pg_sleep(60)"),
  ]);
  const outcome = Promise.allSettled([drain]);
  await until(async () => (await count("wait_event = 'PgSleep'")) === 1, AbortSignal.timeout(10_000));
  await indexMessages(spine.task);
  expect(await unindexed()).toEqual([one.conversation]);
  await sql().query("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
  expect(await outcome).toMatchObject([{ reason: { code: "57014" } }]);
});

/**
 * Runs two transactions so that they would deadlock if they could: a third one holds the first row until both wait for
 * a lock. Returns what became of the two.
 */
async function crossed(
  begin: () => Promise<unknown>,
  then: () => Promise<unknown>,
  hold = () =>
    sql().query("SELECT 1 FROM members WHERE conversation = $1 AND user_id = $2 FOR UPDATE", [
      one.conversation,
      one.userId,
    ]),
): Promise<PromiseSettledResult<unknown>[]> {
  const held = sql().transaction([hold(), sql().query("SELECT pg_sleep(2)")]);
  await until(async () => (await count("wait_event = 'PgSleep'")) === 1, AbortSignal.timeout(10_000));
  const first = begin();
  await until(async () => (await count("wait_event_type = 'Lock'")) === 1, AbortSignal.timeout(10_000));
  const second = then();
  await until(async () => (await count("wait_event_type = 'Lock'")) === 2, AbortSignal.timeout(10_000));
  const outcomes = await Promise.allSettled([first, second]);
  await held;
  return outcomes;
}

async function count(condition: string): Promise<number> {
  const [row] = await sql().query(`SELECT count(*)::int AS count FROM pg_stat_activity WHERE ${condition}`);
  return Number(row?.count);
}

function sql() {
  return spine.task.database.$client;
}

function lower(a: UserId, b: UserId): UserId {
  return BigInt(a) < BigInt(b) ? a : b;
}

async function drained(): Promise<void> {
  const { delivered } = await drain(
    spine.task,
    [one, two].map(({ conversation }) => conversationTopic(conversation)),
  );
  expect((await delivered).failed).toEqual([]);
}
