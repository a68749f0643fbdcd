import type { Topic } from "../../schema/internal/topic.ts";
import type { LayerHealth } from "../../schema/wire/health.ts";
import type { ReadableRecord } from "../message-log.ts";

/** Drains topics and the status list. */
export interface TaskRpc {
  /**
   * Drains the topics: returns when their records are stored and delivered, or when another drain owns them. Throws when
   * something fails; the topics stay marked *behind* and are drained again later. `written` are the records that the
   * caller has just put into these topics, if it wants to spare task the fetch: all that it has put into a topic, or none.
   */
  drain(topics: Topic[], written?: ReadableRecord[]): Promise<void>;

  /** Drains the status list: returns when it is empty, or when another drain owns it. */
  drainStatus(): Promise<void>;

  health(): Promise<LayerHealth>;
}
