import { parseJson } from "../../lib/parse-json.ts";
import { redisKeys } from "../../lib/redis-keys.ts";
import { StatusRecord } from "../../schema/internal/status-record.ts";
import type { Task } from "./context.ts";
import { lookAtPresence } from "./presence.ts";
import { lookUpRoutes, sortByBucket } from "./push.ts";
import { recover } from "./recover.ts";
import { mergeStatus, statusPushes } from "./status-changes.ts";

/** How many records one batch takes, and how long the lock on the status list lasts without being extended. */
const BATCH = 500;
const LOCK_MS = 15_000;

/** Takes a batch and extends the lock, if the lock is still the owner's: two drains never overlap. */
const TAKE = `
if redis.call("GET", KEYS[1]) ~= ARGV[1] then return false end
redis.call("PEXPIRE", KEYS[1], ARGV[2])
return redis.call("LPOP", KEYS[2], ARGV[3])
`;

const UNLOCK = `
if redis.call("GET", KEYS[1]) == ARGV[1] then redis.call("DEL", KEYS[1]) end
return redis.call("LLEN", KEYS[2])
`;

/**
 * The drain of this isolate, and until when it is believed to run: the platform may end an invocation without notice.
 * `woken` says whether there may be something new since it began.
 */
let running: { until: number } | undefined;
let woken = false;

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
    const locked = await task.redis.set(redisKeys.statusLock, owner, { nx: true, px: LOCK_MS });
    if (locked === null) return;
    while (await drainBatch(task, owner)) alive();
    const left = await task.redis.eval<string[], number>(
      UNLOCK,
      [redisKeys.statusLock, redisKeys.status],
      [owner],
    );
    if (left === 0) return;
  }
}

/** Takes one batch and pushes it; false when the list was empty or the lock lost. A batch that fails is put back. */
async function drainBatch(task: Task, owner: string): Promise<boolean> {
  const taken = await task.redis.eval<string[], string[] | null>(
    TAKE,
    [redisKeys.statusLock, redisKeys.status],
    [owner, String(LOCK_MS), String(BATCH)],
  );
  if (taken === null || taken.length === 0) return false;
  try {
    await pushBatch(task, taken);
  } catch (fault) {
    await task.redis.lpush(redisKeys.status, ...taken.toReversed());
    throw fault;
  }
  return true;
}

async function pushBatch(task: Task, taken: string[]): Promise<void> {
  const changes = mergeStatus(taken.flatMap((text) => parseRecord(task, text)));
  const presence = await lookAtPresence(task, changes);
  const pushes = statusPushes(changes, presence);
  if (pushes.length === 0) return;

  let routes = await lookUpRoutes(task.redis, pushes);
  if (routes === null && (await recover(task))) routes = await lookUpRoutes(task.redis, pushes);
  if (routes === null) return;
  const buckets = sortByBucket(pushes, routes);
  await task.connect.deliver({ owner: "", deadline: Date.now() + LOCK_MS, buckets, held: [] });
  task.log.debug("status pushed", { records: taken.length, events: pushes.length, buckets: buckets.length });
}

/** A record that cannot be read costs only itself. */
function parseRecord(task: Task, text: string): StatusRecord[] {
  const record = StatusRecord.safeParse(parseJson(text)).data;
  if (record === undefined) task.log.warn("status record is unreadable");
  return record === undefined ? [] : [record];
}
