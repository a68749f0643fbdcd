import { faultFields, log } from "../logger.ts";
import type { SqliteStore } from "./sqlite-store.ts";

/** The consumer group whose uncommitted records are never trimmed: its offsets say what has been delivered. */
export const PROTECTED_GROUP = "task";

/** How long records are kept, and the group for which they are kept longer. */
export interface RetentionPolicy {
  readonly hours: number;
  /** Records that this group has not committed are kept at any age: the log has their only copy. */
  readonly protectedGroup: string;
}

const CHECK_EVERY_MS = 3_600_000;
/** The topics that one transaction trims: few, so that a produce hardly waits for it. */
const TOPICS_A_STEP = 50;

/** Trims old records: once after the start, and then every hour while records are produced. */
export class Retention {
  readonly #store: SqliteStore;
  readonly #policy: RetentionPolicy;
  #nextCheck = 0;
  #step: NodeJS.Immediate | undefined;

  constructor(store: SqliteStore, policy: RetentionPolicy) {
    this.#store = store;
    this.#policy = policy;
  }

  /** Starts trimming between other work if the last check was at least an hour ago; otherwise returns at once. */
  check(now: number): void {
    if (now < this.#nextCheck) return;
    this.#nextCheck = now + CHECK_EVERY_MS;
    this.stop();
    this.#later(this.#store.topicNames(), now - this.#policy.hours * 3_600_000);
  }

  /** Stops trimming; the next check continues. */
  stop(): void {
    clearImmediate(this.#step);
  }

  #later(topics: readonly string[], before: number): void {
    if (topics.length === 0) return;
    this.#step = setImmediate(() => {
      try {
        this.#store.transaction(() => {
          for (const name of topics.slice(0, TOPICS_A_STEP)) this.#trim(name, before);
        });
        this.#later(topics.slice(TOPICS_A_STEP), before);
      } catch (error) {
        // No request depends on trimming; the next check retries.
        log("error", "log retention failed", faultFields(error));
      }
    });
  }

  #trim(name: string, before: number): void {
    const topic = this.#store.topic(name);
    if (topic === undefined || topic.start === topic.end) return;
    const committed = this.#store.committed(this.#policy.protectedGroup, name) ?? 0;
    const keepFrom = Math.min(this.#store.offsetSince(topic, before), committed, topic.end);
    if (keepFrom > topic.start) this.#store.trim(topic, keepFrom);
  }
}
