import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { redisKeys } from "../../lib/redis-keys.ts";
import type { StatusRecord } from "../../schema/internal/status-record.ts";
import type { UserId } from "../../schema/wire/ids.ts";
import { personOf, type Spine, startSpine } from "./spine.fixture.ts";
import { drainStatus } from "./status.ts";

let spine: Spine;
let ada: UserId;
let ben: UserId;

beforeAll(async () => {
  spine = await startSpine();
}, 30_000);

afterAll(() => spine.close());

afterEach(() => void vi.useRealTimers());

beforeEach(async () => {
  await spine.task.redis.flushdb();
  await spine.task.redis.set(redisKeys.epoch, "1");
  spine.deliveries.length = 0;
  const [conversation] = await spine.pairs(1);
  if (conversation === undefined) throw new Error("no pair");
  [ada, ben] = [personOf(conversation, 0), personOf(conversation, 1)];
  await spine.task.redis.sadd(redisKeys.userRoutes(ben), "local:0");
});

test("friends hear once that somebody came online, however many records say so", async () => {
  await come(ada);
  await push(presence(ada), presence(ada));
  await drainStatus(spine.task);
  expect(heard()).toEqual([{ ev: "presence", userId: ada, online: true, lastSeenAt: null }]);
});

test("one unreadable record costs only itself", async () => {
  await come(ada);
  await spine.task.redis.rpush(redisKeys.status, "not a record", '{"kind":"unknown"}');
  await push(presence(ada));
  await drainStatus(spine.task);
  expect(heard()).toMatchObject([{ ev: "presence", userId: ada }]);
});

test("a batch that fails is put back in order, and pushed by the next drain", async () => {
  await come(ada);
  await push(presence(ada), "second");
  const down = { ...spine.task, database: Object.create(spine.task.database, { $client: { value: {} } }) };
  await expect(drainStatus(down)).rejects.toThrow();
  expect((await spine.task.redis.lrange(redisKeys.status, 0, -1))[1]).toBe("second");
  await spine.task.redis.del(redisKeys.statusLock);
  await drainStatus(spine.task);
  expect(heard()).toMatchObject([{ ev: "presence", userId: ada, online: true }]);
});

test("a drain whose invocation ended without notice does not stop its isolate's drains for ever", async () => {
  const dead = spine.otherTask();
  const delivering = new Promise<void>((resolve) => {
    dead.connect = {
      ...dead.connect,
      deliver: () => {
        resolve();
        return new Promise(() => {});
      },
    };
  });
  await come(ada);
  await push(presence(ada));
  void drainStatus(dead);
  await delivering;

  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 16_000 });
  // Its lock would have lapsed by now, too.
  await spine.task.redis.del(redisKeys.statusLock);
  await spine.task.redis.sadd(redisKeys.userRoutes(ada), "local:0");
  await push(presence(ben));
  await drainStatus(spine.task);
  expect(heard()).toMatchObject([{ ev: "presence", userId: ben, online: true }]);
});

test("a drain that has lost its lock takes nothing more: two never overlap", async () => {
  const slow = spine.otherTask();
  const { deliver } = slow.connect;
  slow.connect = {
    ...slow.connect,
    deliver: async (delivery) => {
      await spine.task.redis.set(redisKeys.statusLock, "another drain");
      return deliver(delivery);
    },
  };
  await come(ada);
  await push(...Array.from({ length: 501 }, () => presence(ada)));
  await drainStatus(slow);
  expect(await spine.task.redis.llen(redisKeys.status)).toBe(1);
  expect(await spine.task.redis.get(redisKeys.statusLock)).toBe("another drain");
});

/** Somebody has a socket; `ben`'s is there from the beginning. */
async function come(userId: UserId): Promise<void> {
  await spine.task.redis.sadd(redisKeys.userRoutes(userId), "local:0");
}

function presence(userId: UserId): string {
  const record: StatusRecord = { kind: "presence", userId, at: new Date().toISOString() };
  return JSON.stringify(record);
}

async function push(...records: string[]): Promise<void> {
  const [first = "", ...rest] = records;
  await spine.task.redis.rpush(redisKeys.status, first, ...rest);
}

/** The events that the bucket got. */
function heard() {
  return spine.pushed().flatMap(({ events }) => events);
}
