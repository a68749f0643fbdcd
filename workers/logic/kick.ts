import type { Topic } from "../../schema/internal/topic.ts";
import type { Logic } from "./context.ts";

/**
 * Has task drain the topics. When the call fails a queue message does it; when that fails too, cron finds the topics
 * by their marks: nothing depends on this call.
 */
export async function kick(logic: Logic, topics: Topic[]): Promise<void> {
  try {
    await logic.task.drain(topics);
  } catch (fault) {
    logic.log.error("kick failed", fault, { topics });
    await logic.drainQueue.send({ topics });
  }
}

/** Has task drain the status list. Status is soft: a failed call is only noted, cron drains what was left. */
export async function kickStatus(logic: Logic): Promise<void> {
  try {
    await logic.task.drainStatus();
  } catch (fault) {
    logic.log.error("status kick failed", fault);
  }
}
