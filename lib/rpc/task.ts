import type { Topic } from "../../schema/internal/topic.ts";
import type { LayerHealth } from "../../schema/wire/health.ts";

/** Drains topics and the status list. */
export interface TaskRpc {
  /**
   * Drains the topics: answers when their records are stored and delivered, or when another drain has them in hand.
   * Throws when something failed; the topics stay marked and are drained again later.
   */
  drain(topics: Topic[]): Promise<void>;

  /** Drains the status list; answers when it was found empty, or when another drain has it in hand. */
  drainStatus(): Promise<void>;

  health(): Promise<LayerHealth>;
}
