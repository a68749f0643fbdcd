import type { BucketDelivery, Delivery, DeliveryOutcome, HeldTopic } from "../../lib/rpc/connect.ts";
import { atMost } from "../../lib/time-limit.ts";
import { releaseTopics } from "../../lib/topic-release.ts";
import { bucketStub } from "./buckets.ts";
import type { Connect } from "./context.ts";
import { DeliveryRun } from "./delivery-run.ts";

/** How long before the locks lapse the last call to a bucket may begin (milliseconds). */
const MARGIN_MS = 3_000;
/** How long delivered topics wait for the others, so that all locks are released in one call (milliseconds). */
const STRAGGLERS_MS = 250;
/** How long status, which has no locks, is retried (milliseconds). */
const STATUS_MS = 5_000;

/**
 * Delivers to every bucket and releases the locks: normally all in one call, but a bucket that keeps failing does not
 * hold up the topics that do not depend on it.
 */
export async function runDelivery(connect: Connect, delivery: Delivery): Promise<DeliveryOutcome> {
  const { buckets, owner, deadline, held } = delivery;
  const until = held.length === 0 ? Date.now() + STATUS_MS : deadline - MARGIN_MS;
  const run = new DeliveryRun(buckets, until, {
    call: ({ address, items }) => bucketStub(connect, address).deliver(items),
    failed: (failed, fault) => logFailure(connect, failed, fault),
    now: () => Date.now(),
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  });
  await atMost(STRAGGLERS_MS, run.finished);
  const [prompt, rest] = partition(held, run);
  const first = await releaseTopics(connect.redis, owner, prompt);
  if (held.length > 0 && rest.length === 0) return first;

  // A call that never returns must not block the drain: the locks of its topics lapse.
  await atMost(Math.max(0, until - Date.now()), run.finished);
  const [late, failed] = partition(rest, run);
  const second = await releaseTopics(connect.redis, owner, late);
  return joined(first, second, failed);
}

/** The topics that are delivered, and those that are not. */
function partition(held: readonly HeldTopic[], run: DeliveryRun): [HeldTopic[], HeldTopic[]] {
  const delivered: HeldTopic[] = [];
  const open: HeldTopic[] = [];
  for (const topic of held) (run.isDelivered(topic.topic) ? delivered : open).push(topic);
  return [delivered, open];
}

function joined(first: DeliveryOutcome, second: DeliveryOutcome, failed: HeldTopic[]): DeliveryOutcome {
  return {
    released: [...first.released, ...second.released],
    again: [...first.again, ...second.again],
    failed: [...first.failed, ...second.failed, ...failed.map(({ topic }) => topic)],
  };
}

function logFailure({ log }: Connect, { address, topics }: BucketDelivery, fault: unknown): void {
  log.error("delivery failed", fault, { address, topics: topics.length });
}
