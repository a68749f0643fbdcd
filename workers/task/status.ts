import { hasLock, lockFor } from "../../lib/lock.ts";
import { parseJson } from "../../lib/parse-json.ts";
import { redisKeys } from "../../lib/redis-keys.ts";
import { StatusRecord } from "../../schema/internal/status-record.ts";
import { GroupId } from "../../schema/wire/ids.ts";
import type { Task } from "./context.ts";
import { noteDueCounts, type Turns, takeTurns } from "./group-counts.ts";
import { lookAtPresence } from "./presence.ts";
import { lookUpRoutes, type Push, type Routes, sortByBucket } from "./push.ts";
import { recover } from "./recover.ts";
import { mergeStatus, type StatusChanges, statusPushes } from "./status-changes.ts";

/** How many records, and how many groups to count, one batch takes, and how long the lock on the status list lasts without being extended. */
const BATCH = 500;
const LOCK_MS = 15_000;

/**
 * Takes a batch and extends the lock, if the lock is still the owner's: two drains never overlap. Groups whose counts are
 * due stay so until these are pushed.
 */
const TAKE = `
if redis.call("GET", KEYS[1]) ~= ARGV[1] then return false end
redis.call("PEXPIRE", KEYS[1], ARGV[2])
local due = redis.call("ZRANGE", KEYS[3], "-inf", ARGV[4], "BYSCORE", "LIMIT", 0, ARGV[3])
return { redis.call("LPOP", KEYS[2], ARGV[3]) or {}, due }
`;

const UNLOCK = `
if redis.call("GET", KEYS[1]) == ARGV[1] then redis.call("DEL", KEYS[1]) end
return { redis.call("LLEN", KEYS[2]), redis.call("ZRANGE", KEYS[3], 0, 0, "WITHSCORES")[2] or false }
`;

/**
 * The drain of this isolate, and until when it is believed to run: the platform may end an invocation without notice.
 * `woken` says whether there may be something new since it began.
 */
let running: { until: number } | undefined;
let woken = false;
/**
 * The newest timer of this isolate, which drains when the next count of a group is due. An invocation may not wait for
 * ever, so the newest one waits.
 */
let timer: symbol | undefined;

/**
 * Drains the status list in batches, under a lock, so that the newest status of a person is also pushed last. Status is
 * soft: what a dying drain had taken is lost, and heals with the next change or registration.
 */
export async function drainStatus(task: Task): Promise<void> {
  woken = true;
  if (running !== undefined && Date.now() < running.until) return;
  const own = { until: 0 };
  running = own;
  try {
    while (woken) {
      woken = false;
      await drainUnderLock(task, () => {
        own.until = Date.now() + LOCK_MS;
      });
    }
  } finally {
    if (running === own) running = undefined;
  }
}

async function drainUnderLock(task: Task, alive: () => void): Promise<void> {
  const owner = crypto.randomUUID();
  // The lock's owner finds what was pushed before it lets go; each turn of the loop is one such look.
  for (;;) {
    alive();
    const holder = await task.redis.set(redisKeys.statusLock, owner, lockFor(LOCK_MS));
    if (!hasLock(owner, holder)) return;
    while (await drainBatch(task, owner)) alive();
    const [left, due] = await task.redis.eval<string[], [number, string | null]>(
      UNLOCK,
      [redisKeys.statusLock, redisKeys.status, redisKeys.dueCounts],
      [owner],
    );
    if (left > 0) continue;
    if (due !== null) task.inBackground(drainAt(task, Number(due)));
    return;
  }
}

/** Drains at a time, unless another invocation of this isolate waits by then. If this one is ended, cron drains. */
async function drainAt(task: Task, at: number): Promise<void> {
  const own = Symbol("timer");
  timer = own;
  await new Promise<void>((resolve) => {
    setTimeout(resolve, Math.max(0, at - Date.now()));
  });
  if (timer === own) await drainStatus(task);
}

/** Takes one batch and pushes it; false when there was none or the lock is lost. A batch that fails is put back. */
async function drainBatch(task: Task, owner: string): Promise<boolean> {
  const batch = await task.redis.eval<string[], [string[], string[]] | null>(
    TAKE,
    [redisKeys.statusLock, redisKeys.status, redisKeys.dueCounts],
    [owner, String(LOCK_MS), String(BATCH), String(Date.now())],
  );
  if (batch === null) return false;
  const [taken, due] = batch;
  if (taken.length === 0 && due.length === 0) return false;
  const groupIds = new Set(due.map((id) => GroupId.parse(id)));
  try {
    const changes = mergeStatus(taken.flatMap((text) => parseRecord(task, text)));
    await pushChanges(task, changes, groupIds);
  } catch (fault) {
    await putBack(task, taken, groupIds);
    throw fault;
  }
  return true;
}

/** Pushes what has changed; to the groups to count, which are due at first, it adds those that have to be counted too. */
async function pushChanges(task: Task, changes: StatusChanges, toCount: Set<GroupId>): Promise<void> {
  const due = [...toCount];
  const { transitions, altered } = await lookAtPresence(task, changes);
  for (const groupId of [...changes.counts, ...altered]) toCount.add(groupId);
  const turns = await takeTurns(task.redis, [...toCount]);
  const pushes = statusPushes(changes, transitions, turns.counts);
  if (pushes.length === 0 && turns.early.length === 0) return;

  const routes = await route(task, pushes, turns, due);
  if (routes === null) return;
  const buckets = sortByBucket(pushes, routes);
  if (buckets.length === 0) return;
  await task.connect.deliver({ owner: "", deadline: Date.now() + LOCK_MS, buckets, held: [] });
  task.log.debug("status pushed", {
    events: pushes.length,
    early: turns.early.length,
    buckets: buckets.length,
  });
}

/** Looks up routes, and notes which counts are still due; null while Redis is being rebuilt, which counts all anew. */
async function route(task: Task, pushes: Push[], turns: Turns, due: GroupId[]): Promise<Routes | null> {
  const lookUp = () => lookUpRoutes(task.redis, pushes, (pipeline) => noteDueCounts(pipeline, turns, due));
  const routes = await lookUp();
  return routes === null && (await recover(task)) ? await lookUp() : routes;
}

/** A batch failed: its records are the next ones again, and its groups are counted again, even if they had their turns. */
async function putBack(task: Task, taken: string[], toCount: Set<GroupId>): Promise<void> {
  const counts = [...toCount].map((groupId): StatusRecord => ({ kind: "count", groupId }));
  const records = [...taken, ...counts.map((record) => JSON.stringify(record))];
  await task.redis.lpush(redisKeys.status, ...records.toReversed());
}

/** A record that cannot be read costs only itself. */
function parseRecord(task: Task, text: string): StatusRecord[] {
  const record = StatusRecord.safeParse(parseJson(text)).data;
  if (record === undefined) task.log.warn("status record is unreadable");
  return record === undefined ? [] : [record];
}
