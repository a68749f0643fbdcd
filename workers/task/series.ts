import { Death } from "../../lib/faults.ts";
import type { ReadableRecord } from "../../lib/message-log.ts";
import { atMost } from "../../lib/time-limit.ts";
import { LOCK_MS } from "../../lib/topic-lock.ts";
import { DrainMessage } from "../../schema/internal/drain-message.ts";
import type { Topic } from "../../schema/internal/topic.ts";
import type { Task } from "./context.ts";
import { drain } from "./drain.ts";

/** How many drains of one isolate run side by side: one delivers while another stores. */
const MAX_RUNNING = 2;
/** How many topics one drain takes. */
const MAX_TOPICS = 500;
/** After how many drains a series goes on in an invocation of its own: an invocation's calls are bounded. */
const MAX_DRAINS = 40;
/** How long a series waits for a slow bucket (milliseconds): other topics are drained meanwhile. */
const PATIENCE_MS = 1_000;
/** How long a drain without an end is believed to be under way: its locks have lapsed by then (milliseconds). */
const BELIEVED_MS = LOCK_MS + 5_000;
/** How long the queue waits before it drains again what failed. */
const RETRY_SECONDS = 1;

/**
 * How many records may wait with their topics: few, as when a message is alone. Under load the log is read instead, because
 * that finds what has come meanwhile, too: the batches are bigger.
 */
const MAX_BROUGHT = 2;

/**
 * Topics that were kicked in this isolate and that no drain has taken yet, with the records that their kicks brought:
 * null once a kick has brought none, because then only the log knows what is new. Plain data, shared by the isolate's
 * invocations; it may be lost with the isolate, because each of the topics is marked in Redis.
 */
const waiting = new Map<Topic, ReadableRecord[] | null>();
/** How many records wait. */
let brought = 0;
/**
 * Topics that this isolate is draining, and until when that is believed: what comes for them waits here, at no cost, and
 * not at their locks. Likewise the series under way. The platform may end an invocation without notice.
 */
const draining = new Map<Topic, number>();
const underWay = new Map<symbol, number>();

/** The topics of a drain, each with the records that it was kicked for, none when the log has to be read. */
type Batch = Map<Topic, ReadableRecord[]>;

/**
 * Drains topics together with whatever else is waiting in this isolate: what comes in while drains are under way is
 * taken by the next one as a whole, so batches grow with the load. Returns when nothing waits any more, or at once when
 * the running drains will take these topics too.
 */
export async function drainInSeries(
  task: Task,
  topics: Topic[],
  written: ReadableRecord[] = [],
): Promise<void> {
  const byTopic = Map.groupBy(written, ({ topic }) => topic);
  for (const topic of topics) addWaiting(topic, byTopic.get(topic));
  if (running() >= MAX_RUNNING) return;
  const series = Symbol("series");
  try {
    for (let drains = 0; drains < MAX_DRAINS; drains++) {
      const batch = takeWaiting();
      if (batch.size === 0) return;
      underWay.set(series, Date.now() + BELIEVED_MS);
      await drainOnce(task, batch);
    }
  } finally {
    underWay.delete(series);
  }
  if (running() === 0) task.inBackground(task.self.drain([]));
}

/**
 * Drains what a kick could not. Topics that another drain has locked, and those that failed, are drained again when
 * their locks have lapsed: if that drain has died, they are delivered again then, 30 s after it locked them.
 */
export async function drainQueued(task: Task, batch: MessageBatch<unknown>): Promise<void> {
  const topics = batch.messages.flatMap(({ body }) => DrainMessage.safeParse(body).data?.topics ?? []);
  if (topics.length === 0) return batch.ackAll();
  try {
    const { busy, delivered } = await drain(task, [...new Set(topics)]);
    const { again, failed } = await delivered;
    const later = [...busy, ...failed];
    if (later.length > 0) await task.drainQueue.send({ topics: later }, { delaySeconds: LOCK_MS / 1000 });
    batch.ackAll();
    if (again.length > 0) await drainInSeries(task, again);
  } catch (fault) {
    task.log.error("queued drain failed", fault, { topics });
    batch.retryAll({ delaySeconds: LOCK_MS / 1000 });
  }
}

/** One drain; returns when it is delivered, or leaves it to the background when a bucket takes long. */
async function drainOnce(task: Task, batch: Batch): Promise<void> {
  for (const topic of batch.keys()) draining.set(topic, Date.now() + BELIEVED_MS);
  const done = drainAndFollowUp(task, batch).finally(() => {
    for (const topic of batch.keys()) draining.delete(topic);
  });
  task.inBackground(done.then(() => goOn(task)));
  await atMost(PATIENCE_MS, done);
}

/** A drain and what it leaves to do: some topics are drained again at once, some when their locks have lapsed. */
async function drainAndFollowUp(task: Task, batch: Batch): Promise<void> {
  const topics = [...batch.keys()];
  try {
    const { delivered } = await drain(task, topics, batch);
    const { again, failed } = await delivered;
    if (failed.length > 0) await task.drainQueue.send({ topics: failed }, { delaySeconds: LOCK_MS / 1000 });
    for (const topic of again) addWaiting(topic);
  } catch (fault) {
    await drainLater(task, topics, fault);
  }
}

/** A drain that outlasted its series goes on with what has come for its topics meanwhile. */
async function goOn(task: Task): Promise<void> {
  if (waiting.size > 0 && running() === 0) await drainInSeries(task, []);
}

async function drainLater(task: Task, topics: Topic[], fault: unknown): Promise<void> {
  if (fault instanceof Death) throw fault;
  task.log.error("drain failed", fault, { topics });
  await task.drainQueue.send({ topics }, { delaySeconds: RETRY_SECONDS });
}

/** How many series are under way in this isolate. */
function running(): number {
  const now = Date.now();
  for (const [series, until] of underWay) if (until < now) underWay.delete(series);
  return underWay.size;
}

/** Has a topic drained, with what its kick has written there; without it, the log is read. */
function addWaiting(topic: Topic, written?: ReadableRecord[]): void {
  const known = waiting.get(topic);
  if (known === null) return;
  if (written === undefined || brought + written.length > MAX_BROUGHT) {
    brought -= known?.length ?? 0;
    waiting.set(topic, null);
    return;
  }
  brought += written.length;
  if (known === undefined) waiting.set(topic, written);
  else known.push(...written);
}

function takeWaiting(): Batch {
  const now = Date.now();
  const batch: Batch = new Map();
  for (const [topic, records] of waiting) {
    if (batch.size === MAX_TOPICS) break;
    if ((draining.get(topic) ?? 0) > now) continue;
    batch.set(topic, records ?? []);
    brought -= records?.length ?? 0;
    waiting.delete(topic);
  }
  return batch;
}
