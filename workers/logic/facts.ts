import { MAX_FACTS, relayFacts } from "../../lib/fact-relay.ts";
import { type PermissionChange, writePermissions } from "../../lib/write-permission.ts";
import type { Topic } from "../../schema/internal/topic.ts";
import type { Logic } from "./context.ts";
import { kick } from "./kick.ts";

/**
 * Facts were committed under these topics: puts them into the log and kicks task. When that fails they stay pending
 * in Postgres, and cron relays them: the commit stands whether or not the log responds.
 */
export async function publishFacts(logic: Logic, topics: Topic[]): Promise<void> {
  try {
    const drained = await relayFacts(logic, topics);
    if (drained.length > 0) logic.inBackground(kick(logic, drained));
  } catch (fault) {
    logic.log.error("relaying facts failed", fault, { topics });
  }
}

/** The same for more facts of one topic than one call relays, in order. What it does not get to is left to cron. */
export async function publishManyFacts(logic: Logic, topic: Topic, count: number): Promise<void> {
  // A page after the other: each is bounded, and what is relayed is pending no more.
  for (let relayed = 0; relayed < count; relayed += MAX_FACTS) await publishFacts(logic, [topic]);
}

/**
 * The same for a change of who may write. The permissions are written through first, so that the caller finds the
 * change done; when that fails, task writes them when it comes to the facts.
 */
export async function publishChange(
  logic: Logic,
  topics: Topic[],
  permissions: PermissionChange[],
): Promise<void> {
  try {
    if (permissions.length > 0) {
      const pipeline = logic.redis.pipeline();
      writePermissions(pipeline, permissions);
      await pipeline.exec();
    }
  } catch (fault) {
    logic.log.error("writing permissions failed", fault, { topics });
  }
  await publishFacts(logic, topics);
}
