import { sql } from "drizzle-orm";
import { ACCESS_TOKEN_SECONDS } from "../../lib/access-token.ts";
import { forgetBucket, lapsedBuckets } from "../../lib/bucket-registry.ts";
import type { Database } from "../../lib/database.ts";
import { relayForgottenFacts } from "../../lib/fact-relay.ts";
import { Death } from "../../lib/faults.ts";
import { type Mark, marksOf } from "../../lib/mark.ts";
import { redisKeys } from "../../lib/redis-keys.ts";
import type { Topic } from "../../schema/internal/topic.ts";
import type { Task } from "./context.ts";
import { drain } from "./drain.ts";
import { removeUnusedMedia } from "./media.ts";
import { recover } from "./recover.ts";
import { removeOldMessages } from "./retention.ts";
import { indexMessages } from "./search-index.ts";
import { drainInSeries } from "./series.ts";
import { drainStatus } from "./status.ts";

/** A topic marked *behind* for longer than this was missed by its kick and by the queue (milliseconds). */
const FORGOTTEN_MS = 5_000;
/** A mark older than this belongs to a record that was never written: no produce takes so long (milliseconds). */
const ORPHANED_MS = 600_000;
/** How many marks one page holds: with one record each, the log returns all of them in one fetch that is not full. */
const PAGE_MARKS = 500;
/** How often a page is drained before what is still left of it becomes a series of its own. */
const MAX_ROUNDS = 5;
/** How long a run goes on to the next page (milliseconds): well within the minute until the next run. */
const DRAINING_MS = 25_000;
/** How many pages of pending facts one run relays. */
const FACT_PAGES = 20;
/** How many topics one line of the log names. */
const LOGGED_TOPICS = 20;
/** A session that is over is kept for a day longer than any access token of it can live. */
const SESSION_KEPT_SECONDS = ACCESS_TOKEN_SECONDS + 86_400;
/** How many rows one statement removes: it runs every minute, so that is more than seven million a day. */
const SESSION_BATCH = 5_000;

/** How many expired invites, and how many messages of deleted groups, one run removes. */
const INVITE_BATCH = 1_000;
const MESSAGE_BATCH = 5_000;

/** Does once a minute what no call and no queue message has done. */
export async function sweep(task: Task): Promise<void> {
  if ((await task.redis.get(redisKeys.epoch)) === null) await recover(task);
  await relayPending(task);
  await drainForgotten(task);
  await forgetLapsed(task);
  await drainStatus(task);
  task.inBackground(indexMessages(task));
  await forgetOldSessions(task.database);
  await removeOldMessages(task);
  await removeUnusedMedia(task);
  await forgetExpiredInvites(task.database);
  await forgetDeletedConversations(task.database);
}

/** Puts facts into the log that the call which committed them did not: its Worker has died, or the log was away. */
async function relayPending(task: Task): Promise<void> {
  try {
    // A page after the other: each is bounded, and what is relayed is pending no more.
    for (let page = 0; page < FACT_PAGES; page++) {
      const topics = await relayForgottenFacts(task);
      if (topics.length === 0) return;
      task.log.warn("facts were pending", { count: topics.length, topics: topics.slice(0, LOGGED_TOPICS) });
      await drainInSeries(task, topics);
    }
  } catch (fault) {
    task.log.error("relaying facts failed", fault);
  }
}

/** Drains every topic that has been marked too long, page by page, until none is left or the time is up. */
async function drainForgotten(task: Task): Promise<void> {
  const begun = Date.now();
  // What is marked later is not this run's: without a fixed end, a busy system would keep it running.
  const latest = begun - FORGOTTEN_MS;
  let offset = 0;
  let previous = new Set<string>();
  while (Date.now() < begun + DRAINING_MS) {
    const { marks, read } = await marksUntil(task, latest, offset);
    // Settled marks are gone, so the next page begins at the same offset; those still there are passed over.
    const fresh = marks.filter(({ member }) => !previous.has(member));
    offset += read - fresh.length;
    if (fresh.length > 0) await drainPage(task, fresh);
    else if (read < PAGE_MARKS) return;
    previous = new Set(fresh.map(({ member }) => member));
  }
  task.log.warn("topics are left to the next sweep");
}

/** Drains the topics of some marks. A failure leaves the marks to the next run and does not stop this one. */
async function drainPage(task: Task, marks: Mark[]): Promise<void> {
  let topics = [...new Set(marks.map(({ topic }) => topic))];
  task.log.warn("topics are behind", { count: topics.length, topics: topics.slice(0, LOGGED_TOPICS) });
  const unsettled = new Set<Topic>();
  try {
    // More than once where there was more than one fetch returns: only the drain that finds no more settles a topic.
    for (let round = 0; round < MAX_ROUNDS && topics.length > 0; round++) {
      const { busy, delivered } = await drain(task, topics);
      const { again, failed } = await delivered;
      for (const topic of [...busy, ...failed]) unsettled.add(topic);
      topics = again;
    }
    if (topics.length > 0) await drainInSeries(task, topics);
    await removeOrphaned(task, marks, new Set([...unsettled, ...topics]));
  } catch (fault) {
    if (fault instanceof Death) throw fault;
    task.log.error("sweep failed", fault, { count: marks.length });
  }
}

/**
 * Removes marks that no record will ever settle: those of a recovery, and those of records that were never written.
 * Only where the topic has just been drained completely.
 */
async function removeOrphaned(task: Task, marks: Mark[], unsettled: ReadonlySet<Topic>): Promise<void> {
  const orphaned = marks.filter(({ topic, at, member }) => {
    const settled = !unsettled.has(topic);
    return settled && (member.endsWith(" recovered") || at < Date.now() - ORPHANED_MS);
  });
  const [first, ...rest] = orphaned.map(({ member }) => member);
  if (first !== undefined) await task.redis.zrem(redisKeys.behind, first, ...rest);
}

/** A page of the marks made until a time, the oldest first, and how many entries it was read from. */
async function marksUntil(
  task: Task,
  latest: number,
  offset: number,
): Promise<{ marks: Mark[]; read: number }> {
  const range = await task.redis.zrange<string[]>(redisKeys.behind, "-inf", latest, {
    byScore: true,
    withScores: true,
    offset,
    count: PAGE_MARKS,
  });
  return { marks: marksOf(range), read: range.length / 2 };
}

/** Buckets that have not renewed their registration are gone, and with them their people. */
async function forgetLapsed(task: Task): Promise<void> {
  const lapsed = await lapsedBuckets(task.redis);
  if (lapsed.length === 0) return;
  task.log.warn("buckets have lapsed", { buckets: lapsed });
  await Promise.all(lapsed.map((address) => forgetBucket(task.redis, address)));
}

/** Removes the sessions that ended or expired more than a day ago, a batch of them. One statement, by an index. */
async function forgetOldSessions(database: Database): Promise<void> {
  await database.execute(sql`
    DELETE FROM sessions WHERE id IN (
      SELECT id FROM sessions
       WHERE least(ended_at, expires_at) < now() - make_interval(secs => ${SESSION_KEPT_SECONDS})
       ORDER BY least(ended_at, expires_at)
       LIMIT ${SESSION_BATCH}
    )`);
}

/** Removes invites that have expired, a batch of them. One statement, by an index. */
async function forgetExpiredInvites(database: Database): Promise<void> {
  await database.execute(sql`
    DELETE FROM invites WHERE id IN (
      SELECT id FROM invites WHERE expires_at < now() ORDER BY expires_at LIMIT ${INVITE_BATCH}
    )`);
}

/** Deletes messages of the conversation that was deleted first, a batch of them, and what is known of it with the last. */
async function forgetDeletedConversations(database: Database): Promise<void> {
  await database.execute(sql`
    WITH due AS (
      SELECT conversation FROM deleted_conversations ORDER BY deleted_at, conversation LIMIT 1
    ), batch AS (
      SELECT messages.id FROM due CROSS JOIN LATERAL (
        SELECT id FROM messages WHERE messages.conversation = due.conversation ORDER BY seq LIMIT ${MESSAGE_BATCH}
      ) AS messages
    ), deleted AS (
      DELETE FROM messages USING batch WHERE messages.id = batch.id
    ), reacted AS (
      DELETE FROM reactions USING batch WHERE reactions.message_id = batch.id
    )
    DELETE FROM deleted_conversations USING due
     WHERE deleted_conversations.conversation = due.conversation
       AND (SELECT count(*) FROM batch) < ${MESSAGE_BATCH}`);
}
