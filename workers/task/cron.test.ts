import { Kafka } from "@upstash/kafka";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { redisKeys } from "../../lib/redis-keys.ts";
import { Topic } from "../../schema/internal/topic.ts";
import { sweep } from "./cron.ts";
import { type Spine, startSpine } from "./spine.fixture.ts";

const MINUTE = 60_000;
/** More than two pages of marks. */
const PAGE = 500;
const MANY = 2 * PAGE + 100;

let spine: Spine;

beforeAll(async () => {
  spine = await startSpine();
}, 30_000);

afterAll(() => spine.close());

beforeEach(async () => {
  await spine.task.redis.flushall();
  await spine.task.redis.set(redisKeys.epoch, "whole");
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const topicOf = (id: number) => Topic.parse(`user.${id}`);
const recovered = (id: number) => `${topicOf(id)} recovered`;
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const marksLeft = () => spine.task.redis.zrange<string[]>(redisKeys.behind, 0, -1);

/** Marks topics, each member with its age. */
async function mark(members: string[], ageMs: number): Promise<void> {
  const [first, ...rest] = members.map((member) => ({ score: Date.now() - ageMs, member }));
  if (first !== undefined) await spine.task.redis.zadd(redisKeys.behind, first, ...rest);
}

/** Has each fetch from the log run a step of the test first. */
function beforeFetch(step: (topics: string[]) => void): void {
  const { messageLog } = spine.task;
  const fetch = messageLog.fetch.bind(messageLog);
  vi.spyOn(messageLog, "fetch").mockImplementation(async (positions) => {
    step(positions.map(({ topic }) => topic));
    return await fetch(positions);
  });
}

describe("the sweep", () => {
  test("removes the marks of records that were never written, once they are ten minutes old", async () => {
    await mark([`${topicOf(1)} orphaned`], 11 * MINUTE);
    await mark([`${topicOf(1)} on-its-way`, `${topicOf(2)} on-its-way`], 9 * MINUTE);
    await sweep(spine.task);
    expect(await marksLeft()).toEqual([`${topicOf(1)} on-its-way`, `${topicOf(2)} on-its-way`]);
  });

  test("keeps an old mark while another drain holds its topic", async () => {
    await mark([`${topicOf(1)} orphaned`], 11 * MINUTE);
    await spine.task.redis.set(redisKeys.lock(topicOf(1)), "another");
    await sweep(spine.task);
    expect(await marksLeft()).toEqual([`${topicOf(1)} orphaned`]);
  });

  test("leaves topics that were marked a moment ago to their kick", async () => {
    await mark([`${topicOf(1)} new`], 0);
    beforeFetch(() => {
      throw new Error("drained");
    });
    await sweep(spine.task);
    expect(spine.task.messageLog.fetch).not.toHaveBeenCalled();
  });

  test("drains page after page until nothing old is left", async () => {
    const topics = numbers(MANY).map((id) => topicOf(id));
    await new Kafka(spine.kafka)
      .producer()
      .produceMany(topics.map((topic) => ({ topic, value: "whatever" })));
    await mark(numbers(MANY).map(recovered), 20 * MINUTE);
    await sweep(spine.task);
    expect(await marksLeft()).toEqual([]);
    const committed = await spine.task.messageLog.committed(topics);
    expect([...committed.values()].filter((offset) => offset !== 1)).toEqual([]);
  });

  test("drains topics to their ends when they hold more than one fetch returns", async () => {
    const topics = numbers(20).map((id) => topicOf(10_000 + id));
    const records = topics.flatMap((topic) => numbers(150).map((value) => ({ topic, value })));
    await new Kafka(spine.kafka).producer().produceMany(records);
    await mark(
      topics.map((topic) => `${topic} recovered`),
      MINUTE,
    );
    await sweep(spine.task);
    expect(await marksLeft()).toEqual([]);
    expect([...(await spine.task.messageLog.committed(topics)).values()]).toEqual(topics.map(() => 150));
  });

  test("passes over whole pages that cannot be drained now", async () => {
    const onTheirWay = numbers(MANY).map((id) => `${topicOf(id)} on-its-way`);
    await mark(onTheirWay, 2 * MINUTE);
    await mark([recovered(9_999)], MINUTE);
    await sweep(spine.task);
    expect((await marksLeft()).sort()).toEqual(onTheirWay.sort());
  });

  test("goes on with the next page when one fails", async () => {
    await mark(numbers(MANY).map(recovered), MINUTE);
    const [unlucky] = (await marksLeft()).map((member) => member.split(" ")[0] ?? "");
    beforeFetch((topics) => {
      if (topics.includes(unlucky ?? "")) throw new Error("this page fails");
    });
    await sweep(spine.task);
    expect(await marksLeft()).toHaveLength(PAGE);
  });

  test("begins no page after its time is up, and the next sweep goes on", async () => {
    await mark(numbers(MANY).map(recovered), MINUTE);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    beforeFetch(() => vi.setSystemTime(Date.now() + 26_000));
    await sweep(spine.task);
    expect(await marksLeft()).toHaveLength(MANY - PAGE);
  });
});

describe("what is over", () => {
  test("goes: the messages of deleted groups batch by batch, and only those", async () => {
    await query("INSERT INTO deleted_conversations (conversation) VALUES ('group:71')");
    await query(
      `INSERT INTO messages (id, conversation, seq, rev, sender_id, client_id, content, sent_at)
       SELECT 7100000 + seq + part * 10000, CASE part WHEN 0 THEN 'group:71' ELSE 'group:72' END, seq, seq, 1,
              'client ' || part || ' ' || seq, '{"type":"text","text":"x"}', now()
         FROM generate_series(1, 5001) AS seq, generate_series(0, 1) AS part
        WHERE part = 0 OR seq <= 2`,
    );
    await sweep(spine.task);
    expect(await countsOf("messages WHERE conversation = 'group:71'", "deleted_conversations")).toEqual([
      1, 1,
    ]);
    await sweep(spine.task);
    expect(await countsOf("messages WHERE conversation = 'group:71'", "deleted_conversations")).toEqual([
      0, 0,
    ]);
    expect(await countsOf("messages WHERE conversation = 'group:72'")).toEqual([2]);
  });

  test("goes: invites that have expired, and no others", async () => {
    await query(
      "INSERT INTO groups (id, name, name_folded, join_policy) VALUES (73, 'Club', 'club', 'open')",
    );
    await query(
      `INSERT INTO invites (id, group_id, token, expires_at) VALUES
       (1, 73, 'over', now() - interval '1 second'), (2, 73, 'lasts', now() + interval '1 hour'), (3, 73, 'ever', NULL)`,
    );
    await sweep(spine.task);
    const left = await query("SELECT token FROM invites ORDER BY id");
    expect(left.map(({ token }) => token)).toEqual(["lasts", "ever"]);
  });
});

function query(text: string) {
  return spine.task.database.$client.query(text);
}

/** How many rows each of these has. */
async function countsOf(...from: string[]): Promise<number[]> {
  const [row] = await query(
    `SELECT ${from.map((what, index) => `(SELECT count(*)::int FROM ${what}) AS c${index}`)}`,
  );
  return from.map((_, index) => Number(row?.[`c${index}`]));
}
