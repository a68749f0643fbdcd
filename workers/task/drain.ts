import { markSessionEnded } from "../../lib/ended-session.ts";
import { Death, faultPoint } from "../../lib/faults.ts";
import type { Fetched, LoggedRecord, Position, ReadableRecord } from "../../lib/message-log.ts";
import { redisKeys } from "../../lib/redis-keys.ts";
import type { DeliveryOutcome, HeldTopic } from "../../lib/rpc/connect.ts";
import { LOCK_MS, type LockedTopic, type Locks, lockTopics, publishClock } from "../../lib/topic-lock.ts";
import { releaseTopics } from "../../lib/topic-release.ts";
import { type PermissionChange, writePermissions } from "../../lib/write-permission.ts";
import type { StatusRecord } from "../../schema/internal/status-record.ts";
import type { Topic } from "../../schema/internal/topic.ts";
import { type Applied, applyRecords } from "./apply.ts";
import type { Task } from "./context.ts";
import {
  lookUpRoutes,
  type Push,
  pushesOf,
  type Routes,
  routeNewMembers,
  sortByBucket,
  toBeCounted,
} from "./push.ts";
import { recover } from "./recover.ts";
import { drainStatus } from "./status.ts";

const NOTHING_LEFT: Delivered = { again: [], failed: [] };

/** A drain that has handed over to connect. */
export type Drain = {
  /** Locked by another drain, which looks again before it lets go; or by a dead one, whose locks lapse after 30 s. */
  busy: Topic[];
  /** Settles when every bucket has confirmed or was given up. */
  delivered: Promise<Delivered>;
};

/** What a drain leaves to do. */
export type Delivered = {
  /** To be drained again at once: woken meanwhile, or there is more than one fetch could hold. */
  again: Topic[];
  /** Not delivered to every bucket: to be drained again when the locks have lapsed. */
  failed: Topic[];
};

/** The records that kicks have brought for some topics, in any order. */
export type Brought = ReadonlyMap<Topic, ReadableRecord[]>;

/**
 * Drains topics once: lock → fetch → apply → route → deliver (connect releases the locks) → commit. The round trips are
 * the same few for one record or for hundreds of topics, and one fewer when the kicks have brought all that is new.
 * Throws, or rejects `delivered`, when a step fails: the locks are released, the topics stay marked, and what was not
 * committed is drained again.
 */
export async function drain(task: Task, topics: Topic[], brought: Brought = new Map()): Promise<Drain> {
  const locks = await lockTopics(task.redis, topics);
  if (locks.locked.length === 0) return { busy: locks.busy, delivered: Promise.resolve(NOTHING_LEFT) };
  try {
    await faultPoint(task.redis, "task:locked");

    const { records, full } = await fetch(task, locks.locked, brought);
    await faultPoint(task.redis, "task:fetched");

    const applied = await applyRecords(task, records, locks.clockFloor);
    await faultPoint(task.redis, "task:stored");

    const pushes = pushesOf(applied);
    const routes = await route(task, pushes, permissionsOf(applied));
    await faultPoint(task.redis, "task:routed");

    return {
      busy: locks.busy,
      delivered: releaseOnFault(
        task,
        locks,
        deliver(task, locks, { records, full }, applied, pushes, routes),
      ),
    };
  } catch (fault) {
    await release(task, locks, fault);
    throw fault;
  }
}

/** Hands over to connect, which releases the locks, and commits what reached every bucket. */
async function deliver(
  task: Task,
  locks: Locks,
  { records, full }: Fetched,
  applied: Applied[],
  pushes: Push[],
  routes: Routes,
): Promise<Delivered> {
  const held = heldTopics(locks, records);
  const { owner, deadline } = locks;
  const buckets = sortByBucket(pushes, routes);
  const outcome = await task.connect.deliver({ owner, deadline, buckets, held });
  await faultPoint(task.redis, "task:delivered");

  await recount(task, toBeCounted(applied));
  await commit(task, records, held, outcome);
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

/** The records to drain: those that the kicks have brought where they are all that is new, and the log's of the others. */
async function fetch(task: Task, locked: LockedTopic[], brought: Brought): Promise<Fetched> {
  const known: LoggedRecord[] = [];
  const others: LockedTopic[] = [];
  for (const one of locked) {
    const records = allThatIsNew(one, brought.get(one.topic) ?? []);
    if (records === null) others.push(one);
    else known.push(...records);
  }
  if (others.length === 0) return { records: known, full: false };
  const { records, full } = await task.messageLog.fetch(await positions(task, others));
  return { records: [...known, ...records], full };
}

/**
 * The records that kicks have brought, by rising offset, when they follow what was drained last, without a gap, and
 * nobody else has woken the topic since: another kick would be of a record that is not among them, and might have found
 * the lock taken before this drain counts its wake-ups. Null when the log has to be read.
 */
function allThatIsNew({ wake, nextOffset }: LockedTopic, records: ReadableRecord[]): ReadableRecord[] | null {
  if (wake !== 1 || nextOffset === null || records.length === 0) return null;
  const rising = records.toSorted((a, b) => a.offset - b.offset);
  return rising.every(({ offset }, index) => offset === nextOffset + index) ? rising : null;
}

/** Where to go on: where the last drain stopped as it noted in Redis, or else where the log says that task has committed. */
async function positions(task: Task, locked: LockedTopic[]): Promise<Position[]> {
  const unknown = locked.filter(({ nextOffset }) => nextOffset === null).map(({ topic }) => topic);
  const committed = unknown.length === 0 ? undefined : await task.messageLog.committed(unknown);
  return locked.map(({ topic, nextOffset }) => ({ topic, offset: nextOffset ?? committed?.get(topic) ?? 0 }));
}

/** Looks up routes, only after everything is stored: see "Why nothing is lost between history and socket". */
async function route(task: Task, pushes: Push[], permissions: PermissionChange[]): Promise<Routes> {
  const generator = await task.snowflakes.generator(task.redis);
  const lookUp = () =>
    lookUpRoutes(task.redis, pushes, (pipeline) => {
      publishClock(pipeline, generator.workerId, generator.lastMs);
      writePermissions(pipeline, permissions);
      for (const { control } of pushes) {
        if (control?.kind === "close") markSessionEnded(pipeline, control.sessionId);
      }
    });
  let routes = await lookUp();
  if (routes === null && (await recover(task))) routes = await lookUp();
  // The topics are drained again in a second; until Redis is whole nobody can be reached for sure.
  if (routes === null) throw new Error("Redis is being rebuilt");
  await routeNewMembers(task.redis, pushes, routes);
  return routes;
}

/**
 * Has the groups that people have joined or left, or that events have shown, counted anew. Only after the delivery: the
 * `group.online` must come after `group.joined` and `group.updated`, which have the count from before. Before the commit:
 * a drain that dies here is made again.
 */
async function recount(task: Task, records: StatusRecord[]): Promise<void> {
  const [first, ...rest] = records.map((record) => JSON.stringify(record));
  if (first === undefined) return;
  await task.redis.rpush(redisKeys.status, first, ...rest);
  task.inBackground(drainStatus(task));
}

/**
 * Commits what was delivered and takes back the marks of the hand-overs whose records were drained: a mark whose record
 * is still on its way stays. Only for topics whose locks were ours to the end.
 */
async function commit(
  task: Task,
  records: LoggedRecord[],
  held: HeldTopic[],
  outcome: DeliveryOutcome,
): Promise<void> {
  const delivered = new Set([...outcome.released, ...outcome.again]);
  // Also where nothing was left to drain: the drain before may have died before its commit.
  const offsets = held.flatMap(({ topic, nextOffset }) =>
    nextOffset !== null && delivered.has(topic) ? [{ topic, offset: nextOffset }] : [],
  );
  if (offsets.length === 0) return;
  const marks = new Set(
    records.flatMap(({ topic, record }) =>
      record !== null && delivered.has(topic) ? [`${topic} ${record.mark}`] : [],
    ),
  );
  await Promise.all([
    task.messageLog.commit(offsets),
    marks.size > 0 && task.redis.zrem(redisKeys.behind, ...marks),
  ]);
}

async function releaseOnFault(task: Task, locks: Locks, delivery: Promise<Delivered>): Promise<Delivered> {
  try {
    return await delivery;
  } catch (fault) {
    await release(task, locks, fault);
    throw fault;
  }
}

/** A step failed: the topics need not wait for their locks to lapse. After a death nobody is left to do this. */
async function release(task: Task, locks: Locks, fault: unknown): Promise<void> {
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

function permissionsOf(applied: Applied[]): PermissionChange[] {
  return applied.flatMap(({ effects }) => effects.flatMap(({ permission }) => permission ?? []));
}
