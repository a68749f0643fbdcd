import { setTimeout as sleep } from "node:timers/promises";
import { log } from "../logger.ts";
import type { Connection } from "./connection.ts";
import { RedisUnavailable } from "./engine.ts";

/** The wait before an attempt to connect again, in milliseconds: doubled by each that fails. */
const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 2_000;

/** Keeps one connection open: when it is lost, opens the next. */
export class Link {
  readonly #open: () => Promise<Connection>;
  readonly #closing = new AbortController();
  #current: Connection | undefined;
  #next = Promise.withResolvers<Connection>();

  constructor(first: Connection, open: () => Promise<Connection>) {
    this.#open = open;
    void this.#keep(first);
  }

  /** The open connection, or the next one. Rejects when there is none within that time. */
  async connection(withinMs: number): Promise<Connection> {
    if (this.#current !== undefined) return this.#current;
    const timer = new AbortController();
    try {
      return await Promise.race([
        this.#next.promise,
        sleep(withinMs, undefined, { signal: timer.signal }).then(() => {
          throw new RedisUnavailable("ERR there is no connection to Redis");
        }),
      ]);
    } finally {
      timer.abort();
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#current?.drop();
    await this.#current?.lost;
  }

  async #keep(first: Connection): Promise<void> {
    for (let current: Connection | undefined = first; current !== undefined; ) {
      this.#current = current;
      this.#next.resolve(current);
      await current.lost;
      this.#current = undefined;
      this.#next = Promise.withResolvers();
      if (this.#closing.signal.aborted) return;
      log("error", "redis connection lost");
      current = await this.#reopen();
    }
  }

  /** Undefined when the link is closed. */
  async #reopen(): Promise<Connection | undefined> {
    const { signal } = this.#closing;
    let reason = "";
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
      // Of random length, so that several gateways do not connect in step.
      await sleep(wait * (0.5 + Math.random()), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return undefined;
      try {
        const connection = await this.#open();
        if (signal.aborted) connection.drop();
        else log("info", "redis connected again");
        return connection;
      } catch (error) {
        const failure = error instanceof Error ? error.message : String(error);
        if (failure !== reason) log("error", "redis cannot be connected to", { reason: failure });
        reason = failure;
      }
    }
  }
}
