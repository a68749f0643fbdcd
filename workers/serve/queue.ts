import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
import { type QueueResult, retries } from "./queue-result.ts";

/** How a queue is consumed, as under `[[queues.consumers]]`. */
export type ConsumerSettings = {
  queue: string;
  max_batch_size: number;
  max_batch_timeout: number;
  max_retries: number;
  retry_delay: number;
};

type QueueEnv = {
  MESSAGES: DurableObjectNamespace<Messages>;
  SETTINGS: ConsumerSettings;
  /** The consumer, as a service binding with `service_binding_extra_handlers` reaches it. */
  CONSUMER: {
    queue(
      name: string,
      messages: { id: string; timestamp: Date; attempts: number; body: unknown }[],
    ): Promise<QueueResult>;
  };
};

/** How many batches are with the consumer at a time. */
const CONCURRENT_BATCHES = 4;
/** When a batch is delivered again whose delivery has been cut off, as by the end of the process (milliseconds). */
const CLAIM_MS = 5 * 60_000;

/** A queue of Cloudflare as its producers use it. */
export default class Queue extends WorkerEntrypoint<QueueEnv> {
  /** Returns once the message is on disk. */
  async send(body: unknown, { delaySeconds = 0 }: { delaySeconds?: number } = {}): Promise<void> {
    await this.env.MESSAGES.getByName(this.env.SETTINGS.queue).add(JSON.stringify(body), delaySeconds);
  }
}

type Row = { id: string; body: string; sent_at: number; attempts: number };

/** The messages of a queue, on disk until the consumer has taken them. */
export class Messages extends DurableObject<QueueEnv> {
  readonly #sql = this.ctx.storage.sql;

  constructor(context: DurableObjectState, env: QueueEnv) {
    super(context, env);
    this.#sql.exec(`CREATE TABLE IF NOT EXISTS messages (
      id TEXT PRIMARY KEY, body TEXT NOT NULL, sent_at INTEGER NOT NULL, attempts INTEGER NOT NULL, due_at INTEGER NOT NULL)`);
    this.#sql.exec("CREATE INDEX IF NOT EXISTS messages_due ON messages (due_at)");
  }

  async add(body: string, delaySeconds: number): Promise<void> {
    const now = Date.now();
    // What is sent meanwhile is delivered in the same batch.
    const dueAt = now + Math.max(delaySeconds, this.env.SETTINGS.max_batch_timeout) * 1_000;
    this.#sql.exec("INSERT INTO messages VALUES (?, ?, ?, 0, ?)", crypto.randomUUID(), body, now, dueAt);
    await this.#ring();
  }

  override async alarm(): Promise<void> {
    const batches = Array.from({ length: CONCURRENT_BATCHES }, () => this.#claim()).filter(
      (batch) => batch.length > 0,
    );
    await Promise.all(batches.map((batch) => this.#deliver(batch)));
    await this.#ring();
  }

  /** Takes the next messages that are due. */
  #claim(): Row[] {
    const now = Date.now();
    return this.#sql
      .exec<Row>(
        `UPDATE messages SET attempts = attempts + 1, due_at = ?
          WHERE id IN (SELECT id FROM messages WHERE due_at <= ? ORDER BY due_at LIMIT ?)
          RETURNING id, body, sent_at, attempts`,
        now + CLAIM_MS,
        now,
        this.env.SETTINGS.max_batch_size,
      )
      .toArray();
  }

  /** Gives a batch to the consumer; what it wants again becomes due later, the rest is removed. */
  async #deliver(batch: Row[]): Promise<void> {
    const { queue, max_retries, retry_delay } = this.env.SETTINGS;
    const messages = batch.map(({ id, body, sent_at, attempts }) => ({
      ...{ id, attempts, timestamp: new Date(sent_at) },
      body: JSON.parse(body) as unknown,
    }));
    const result = await this.env.CONSUMER.queue(queue, messages).catch(() => null);
    const again = retries(
      result,
      batch.map(({ id }) => id),
      retry_delay,
    );
    for (const { id, attempts } of batch) {
      const delaySeconds = again.get(id);
      if (delaySeconds !== undefined && attempts <= max_retries) {
        this.#sql.exec("UPDATE messages SET due_at = ? WHERE id = ?", Date.now() + delaySeconds * 1_000, id);
        continue;
      }
      this.#sql.exec("DELETE FROM messages WHERE id = ?", id);
      if (delaySeconds !== undefined)
        console.error(JSON.stringify({ level: "error", event: "message dropped", queue, attempts }));
    }
  }

  /** Has the alarm ring when the next message is due. */
  async #ring(): Promise<void> {
    const { due } = this.#sql.exec<{ due: number | null }>("SELECT min(due_at) AS due FROM messages").one();
    if (due === null) return;
    const set = await this.ctx.storage.getAlarm();
    if (set === null || due < set) await this.ctx.storage.setAlarm(due);
  }
}
