import { forgetBucket, lapsedBuckets } from "../../lib/bucket-registry.ts";
import { redisKeys } from "../../lib/redis-keys.ts";
import { Topic } from "../../schema/internal/topic.ts";
import type { Task } from "./context.ts";
import { drain } from "./drain.ts";
import { forgetOldSessions } from "./old-sessions.ts";
import { recover } from "./recover.ts";
import { drainInSeries } from "./series.ts";
import { drainStatus } from "./status.ts";

/** A topic that has been *behind* for longer than this was forgotten by its kick. */
const FORGOTTEN_MS = 5_000;
/** A mark older than this announces a record that was never written: no produce takes so long. */
const ORPHANED_MS = 600_000;
/** How many marks one run looks at. */
const MAX_MARKS = 1_000;

type Mark = { member: string; topic: Topic; at: number };

/** The net under everything: what no call and no queue message has done is found here, once a minute. */
export async function sweep(task: Task): Promise<void> {
  if ((await task.redis.get(redisKeys.epoch)) === null) await recover(task);
  await drainForgotten(task);
  await forgetLapsed(task);
  await drainStatus(task);
  await forgetOldSessions(task.database);
}

/** Drains every topic that has been marked too long, and drops the marks of records that never came. */
async function drainForgotten(task: Task): Promise<void> {
  const marks = await oldMarks(task);
  const topics = [...new Set(marks.map(({ topic }) => topic))];
  if (topics.length === 0) return;
  task.log.warn("topics are behind", { topics });
  const { busy, delivered } = await drain(task, topics);
  const { again, failed } = await delivered;
  if (again.length > 0) await drainInSeries(task, again);
  const unsettled = new Set([...again, ...busy, ...failed]);
  const orphaned = marks.filter(({ topic, at, member }) => {
    const done = !unsettled.has(topic);
    return done && (member.endsWith(" recovered") || at < Date.now() - ORPHANED_MS);
  });
  const [first, ...rest] = orphaned.map(({ member }) => member);
  if (first !== undefined) await task.redis.zrem(redisKeys.behind, first, ...rest);
}

async function oldMarks(task: Task): Promise<Mark[]> {
  const range = await task.redis.zrange<string[]>(redisKeys.behind, "-inf", Date.now() - FORGOTTEN_MS, {
    byScore: true,
    withScores: true,
    offset: 0,
    count: MAX_MARKS,
  });
  const marks: Mark[] = [];
  for (let index = 0; index + 1 < range.length; index += 2) {
    const member = range[index] ?? "";
    const topic = Topic.safeParse(member.slice(0, member.indexOf(" "))).data;
    if (topic !== undefined) marks.push({ member, topic, at: Number(range[index + 1]) });
  }
  return marks;
}

/** Buckets that have not renewed their registration are gone, and with them their people. */
async function forgetLapsed(task: Task): Promise<void> {
  const lapsed = await lapsedBuckets(task.redis);
  if (lapsed.length === 0) return;
  task.log.warn("buckets have lapsed", { buckets: lapsed });
  await Promise.all(lapsed.map((address) => forgetBucket(task.redis, address)));
}
