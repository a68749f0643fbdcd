import type { Topic } from "../../schema/internal/topic.ts";
import type { LayerHealth } from "../../schema/wire/health.ts";

/** Drains topics and the status list. */
export interface TaskRpc {
  /**
   * Drains the topics: returns when their records are stored and delivered, or when another drain owns them. Throws when
   * something fails; the topics stay marked *behind* and are drained again later.
   */
  drain(topics: Topic[]): Promise<void>;

  /** Drains the status list: returns when it is empty, or when another drain owns it. */
  drainStatus(): Promise<void>;

  health(): Promise<LayerHealth>;
}
