import { redisKeys } from "../../lib/redis-keys.ts";
import { StatusRecord } from "../../schema/internal/status-record.ts";
import type { Task } from "./context.ts";
import { mergeStatus } from "./merge-status.ts";
import { outlineStatus } from "./outline-status.ts";
import { lookAtPresence } from "./presence.ts";
import { recover } from "./recover.ts";
import { lookUpRoutes, sortByBucket } from "./routes.ts";

/** How many records one batch takes, and how long the lock on the status list lasts (milliseconds). */
const BATCH = 500;
const LOCK_MS = 15_000;

const UNLOCK = `
if redis.call("GET", KEYS[1]) == ARGV[1] then redis.call("DEL", KEYS[1]) end
return redis.call("LLEN", KEYS[2])
`;

/** Whether this isolate drains the list now, and whether somebody has knocked since it began. */
let running = false;
let knocked = false;

/**
 * Drains the status list in batches, under a lock so that the last word on somebody is also told last. Status is soft:
 * what a dying drain had taken is lost, and heals with the next change or registration.
 */
export async function drainStatus(task: Task): Promise<void> {
  knocked = true;
  if (running) return;
  running = true;
  try {
    while (knocked) {
      knocked = false;
      await drainUnderLock(task);
    }
  } finally {
    running = false;
  }
}

async function drainUnderLock(task: Task): Promise<void> {
  const owner = crypto.randomUUID();
  // Whoever holds the lock finds what was pushed before it lets go; each turn of the loop is one such look.
  for (;;) {
    const pipeline = task.redis.pipeline();
    pipeline.set(redisKeys.statusLock, owner, { nx: true, px: LOCK_MS });
    const [locked] = await pipeline.exec<[string | null]>();
    if (locked === null) return;
    while (await drainBatch(task));
    const left = await task.redis.eval<string[], number>(
      UNLOCK,
      [redisKeys.statusLock, redisKeys.status],
      [owner],
    );
    if (left === 0) return;
  }
}

/** Takes one batch and tells it; false when the list was empty. */
async function drainBatch(task: Task): Promise<boolean> {
  const taken = await task.redis.lpop<string[] | null>(redisKeys.status, BATCH);
  if (taken === null || taken.length === 0) return false;
  const changes = mergeStatus(taken.map((record) => StatusRecord.parse(JSON.parse(record))));
  const presence = await lookAtPresence(task, changes);
  const pushes = outlineStatus(changes, presence);
  if (pushes.length === 0) return true;

  const recipients = pushes.map(({ to }) => to);
  let routes = await lookUpRoutes(task.redis, recipients);
  if (routes === null && (await recover(task))) routes = await lookUpRoutes(task.redis, recipients);
  if (routes === null) return true;
  const buckets = sortByBucket(pushes, routes);
  await task.connect.deliver({ owner: "", deadline: Date.now() + LOCK_MS, buckets, held: [] });
  task.log.debug("status told", { records: taken.length, events: pushes.length, buckets: buckets.length });
  return true;
}
