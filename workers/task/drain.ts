import { Death, faultPoint } from "../../lib/faults.ts";
import type { LoggedRecord } from "../../lib/message-log.ts";
import type { BucketDelivery, HeldTopic } from "../../lib/rpc/connect.ts";
import { LOCK_MS, type LockedTopic, type Locks, lockTopics, publishClock } from "../../lib/topic-lock.ts";
import { releaseTopics } from "../../lib/topic-release.ts";
import type { Topic } from "../../schema/internal/topic.ts";
import type { Message } from "../../schema/wire/message.ts";
import type { Task } from "./context.ts";
import { changesMembership, followMemberships } from "./memberships.ts";
import { outline, type Push } from "./outline.ts";
import { recover } from "./recover.ts";
import { lookUpRoutes, type Routes, sortByBucket } from "./routes.ts";
import { settle } from "./settle.ts";
import { stamp, stampAgain } from "./stamp.ts";
import { drainStatus } from "./status.ts";
import { messageKey, store } from "./store.ts";

const NOTHING_LEFT: Delivered = { again: [], failed: [] };

/** A drain that has handed over to connect. */
export type Drain = {
  /** In another drain's hands, which will look again; or in a dead one's, whose locks lapse after 30 s. */
  busy: Topic[];
  /** Settles when every bucket has answered or was given up. */
  delivered: Promise<Delivered>;
};

/** What a drain leaves to do. */
export type Delivered = {
  /** To be drained again at once: somebody knocked meanwhile, or there is more than one answer of the log could hold. */
  again: Topic[];
  /** Not delivered to every bucket: to be drained again when the locks have lapsed. */
  failed: Topic[];
};

/**
 * Drains topics once: lock → fetch → stamp → store → route → deliver (connect releases the locks) → commit. The round
 * trips are the same few for one record or for hundreds of topics. Throws, or rejects `delivered`, when a step fails:
 * the locks are let go, the topics stay marked, and what was not committed is drained again.
 */
export async function drain(task: Task, topics: Topic[]): Promise<Drain> {
  const locks = await lockTopics(task.redis, topics);
  if (locks.locked.length === 0) return { busy: locks.busy, delivered: Promise.resolve(NOTHING_LEFT) };
  try {
    await faultPoint(task.redis, "task:locked");

    const { records, full } = await task.messageLog.fetch(await positions(task, locks.locked));
    await faultPoint(task.redis, "task:fetched");
    warnOfUnreadable(task, records);

    const messages = await stampAndStore(task, records, locks.clockFloor);
    await faultPoint(task.redis, "task:stored");

    const pushes = outline(records, messages);
    const routes = await route(task, pushes);
    await faultPoint(task.redis, "task:routed");

    const buckets = sortByBucket(pushes, routes);
    return {
      busy: locks.busy,
      delivered: letGoOnFault(task, locks, deliver(task, locks, records, buckets, full)),
    };
  } catch (fault) {
    await letGo(task, locks, fault);
    throw fault;
  }
}

/** Hands over to connect, which releases the locks, and commits what reached every bucket. */
async function deliver(
  task: Task,
  locks: Locks,
  records: LoggedRecord[],
  buckets: BucketDelivery[],
  full: boolean,
): Promise<Delivered> {
  const held = heldTopics(locks, records);
  const { owner, deadline } = locks;
  const outcome = await task.connect.deliver({ owner, deadline, buckets, held });
  await faultPoint(task.redis, "task:delivered");

  if (records.some(changesMembership)) task.inBackground(drainStatus(task));
  await settle(task, records, held, outcome);
  await faultPoint(task.redis, "task:committed");

  task.log.debug("drained", {
    owner,
    topics: locks.locked.length,
    busy: locks.busy.length,
    records: records.length,
    buckets: buckets.length,
    failed: outcome.failed,
    ms: Date.now() - locks.deadline + LOCK_MS,
  });
  const more = full ? records.map(({ topic }) => topic) : [];
  return { again: [...new Set([...outcome.again, ...more])], failed: outcome.failed };
}

/** Where to go on: where the last drain said it stopped, or else where the log says that task has committed. */
async function positions(task: Task, locked: LockedTopic[]): Promise<{ topic: Topic; offset: number }[]> {
  const unknown = locked.filter(({ nextOffset }) => nextOffset === null).map(({ topic }) => topic);
  const committed = unknown.length === 0 ? undefined : await task.messageLog.committed(unknown);
  return locked.map(({ topic, nextOffset }) => ({ topic, offset: nextOffset ?? committed?.get(topic) ?? 0 }));
}

/** A record that is not ours is passed over, so that it cannot stop its topic, but not in silence. */
function warnOfUnreadable(task: Task, records: LoggedRecord[]): void {
  const unreadable = records.filter(({ record }) => record === null);
  if (unreadable.length === 0) return;
  task.log.warn("records are unreadable", {
    records: unreadable.map(({ topic, offset }) => `${topic}@${offset}`),
  });
}

/** Stamps and stores; answers every message by its key, as it is stored. */
async function stampAndStore(
  task: Task,
  records: LoggedRecord[],
  floorMs: number,
): Promise<Map<string, Message>> {
  const generator = await task.snowflakes.generator(task.redis);
  generator.raise(floorMs);
  const stamped = stamp(records, generator);
  const { messages, stale, floorMs: storedMs } = await store(task.database, stamped);
  if (stale.length > 0) {
    // Rare: our lock had lapsed and its next owner has stored later ids, or Redis lost the clocks.
    generator.raise(storedMs);
    const second = await store(task.database, stampAgain(stale, generator));
    if (second.stale.length > 0) throw new Error("another drain stores into the same conversations");
    for (const [key, message] of second.messages) messages.set(key, message);
  }
  const lost = stamped.filter((message) => !messages.has(messageKey(message)));
  if (lost.length > 0) {
    task.log.warn("conversation does not exist", {
      conversations: lost.map(({ conversation }) => conversation),
    });
  }
  return messages;
}

/** Looks up routes, only after everything is stored: see "Why nothing is lost between history and socket". */
async function route(task: Task, pushes: Push[]): Promise<Routes> {
  const generator = await task.snowflakes.generator(task.redis);
  const lookUp = () =>
    lookUpRoutes(
      task.redis,
      pushes.map(({ to }) => to),
      (pipeline) => publishClock(pipeline, generator.workerId, generator.lastMs),
    );
  let routes = await lookUp();
  if (routes === null && (await recover(task))) routes = await lookUp();
  // The topics are drained again in a second; until Redis is whole nobody can be reached for sure.
  if (routes === null) throw new Error("Redis is being rebuilt");
  await followMemberships(task.redis, pushes, routes);
  return routes;
}

async function letGoOnFault(task: Task, locks: Locks, delivery: Promise<Delivered>): Promise<Delivered> {
  try {
    return await delivery;
  } catch (fault) {
    await letGo(task, locks, fault);
    throw fault;
  }
}

/** A step failed: the topics need not wait for their locks to lapse. Where task has died nobody is left to do this. */
async function letGo(task: Task, locks: Locks, fault: unknown): Promise<void> {
  if (fault instanceof Death) return;
  await releaseTopics(
    task.redis,
    locks.owner,
    locks.locked.map(({ topic, wake }) => ({ topic, wake, nextOffset: null })),
  );
}

function heldTopics(locks: Locks, records: LoggedRecord[]): HeldTopic[] {
  const next = new Map<Topic, number>();
  for (const { topic, offset } of records) next.set(topic, offset + 1);
  return locks.locked.map(({ topic, wake, nextOffset }) => ({
    topic,
    wake,
    nextOffset: next.get(topic) ?? nextOffset ?? null,
  }));
}
