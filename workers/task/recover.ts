import { hasLock, lockFor } from "../../lib/lock.ts";
import { redisKeys } from "../../lib/redis-keys.ts";
import type { BucketAddress } from "../../schema/internal/bucket-address.ts";
import type { Topic } from "../../schema/internal/topic.ts";
import type { Task } from "./context.ts";

/**
 * How long the lock on a recovery lasts (milliseconds); every page of marks extends it. Longer than connect takes to
 * register all buckets.
 */
const LOCK_MS = 15_000;
/** How many topics one page of the log's lag goes through: its response, and its marks in Redis, are below 400 kB. */
const PAGE_TOPICS = 5_000;
/** How many of the lagging topics are drained at once; the sweep drains the rest. */
const FIRST_TOPICS = 500;

const UNLOCK = `if redis.call("GET", KEYS[1]) == ARGV[1] then redis.call("DEL", KEYS[1]) end return 0`;

/**
 * Redis came back empty: its epoch is gone. Has every bucket register what it holds, marks every topic that lags in the
 * log, and only then sets a new epoch: until then every drain comes here first. Returns whether Redis is whole; false
 * while another recovery runs. When it throws, its lock is released, and the next drain tries again; when it dies, the
 * lock lapses.
 */
export async function recover(task: Task): Promise<boolean> {
  const owner = crypto.randomUUID();
  const pipeline = task.redis.pipeline();
  pipeline.set(redisKeys.recovery, owner, lockFor(LOCK_MS));
  // Read under the lock: another recovery may have ended since the caller found no epoch.
  pipeline.get(redisKeys.epoch);
  const [holder, epoch] = await pipeline.exec<[string | null, string | null]>();
  if (!hasLock(owner, holder)) return epoch !== null;
  try {
    if (epoch === null) await rebuild(task);
    return true;
  } finally {
    await task.redis.eval(UNLOCK, [redisKeys.recovery], [owner]);
  }
}

async function rebuild(task: Task): Promise<void> {
  task.log.warn("redis is empty: rebuilding");
  const [lag, { registered, failed }] = await Promise.all([markLagging(task), task.connect.registerAll()]);
  await setEpoch(task, failed);
  if (lag.first.length > 0) task.inBackground(task.self.drain(lag.first));
  task.log.info("redis is rebuilt", { lagging: lag.count, registered, failed });
}

/** Marks every topic that lags; returns how many, and some to begin with. */
async function markLagging(task: Task): Promise<{ count: number; first: Topic[] }> {
  const first: Topic[] = [];
  let count = 0;
  // Two requests a page, one page after the other: each is bounded, and the next begins where the last one ended.
  for (let after: string | null = ""; after !== null; ) {
    const { items, next } = await task.messageLog.lagging(after, PAGE_TOPICS);
    const topics = items.map(({ topic }) => topic);
    await mark(task, topics);
    first.push(...topics.slice(0, FIRST_TOPICS - first.length));
    count += topics.length;
    after = next;
  }
  return { count, first };
}

/** Marks topics as behind since 1970, so that the next sweep finds them, and extends the lock. */
async function mark(task: Task, topics: Topic[]): Promise<void> {
  const [one, ...rest] = topics.map((topic) => ({ score: 0, member: `${topic} recovered` }));
  const pipeline = task.redis.pipeline();
  if (one !== undefined) pipeline.zadd(redisKeys.behind, one, ...rest);
  pipeline.pexpire(redisKeys.recovery, LOCK_MS);
  await pipeline.exec();
}

/**
 * Ends the recovery. A bucket that did not register is noted as missed before drains rely on routes again: its next
 * renewal then finds its lease unknown, even if somebody has arrived in it meanwhile, so it registers all that it holds
 * and says `ready` again, whereupon its clients sync. Nothing is lost; its clients only hear late.
 */
async function setEpoch(task: Task, missed: BucketAddress[]): Promise<void> {
  const [one, ...rest] = missed;
  const pipeline = task.redis.pipeline();
  if (one !== undefined) pipeline.sadd(redisKeys.missedBuckets, one, ...rest);
  pipeline.set(redisKeys.epoch, crypto.randomUUID());
  await pipeline.exec();
}
