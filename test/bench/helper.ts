import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** A process of the benchmark beside this one, with a channel to it. It ends when the channel does. */
export class Helper {
  readonly #process: ChildProcess;
  readonly #ended: Promise<void>;

  /** Runs a script; the signal ends it early, and whoever waits for a message of it hears that it has ended. */
  constructor(script: string, over: AbortSignal) {
    over.throwIfAborted();
    this.#process = fork(script);
    this.#ended = once(this.#process, "exit").then(() => over.removeEventListener("abort", this.#hangUp));
    over.addEventListener("abort", this.#hangUp);
  }

  get pid(): number {
    if (this.#process.pid === undefined) throw new Error("a helper could not be started");
    return this.#process.pid;
  }

  send(message: object): void {
    this.#process.send(message);
  }

  /** The next message that comes; throws when none can come any more. */
  async next(): Promise<unknown> {
    const left = new AbortController();
    const message = once(this.#process, "message", { signal: left.signal });
    // It loses the race when the helper ends, and nobody is there any more to hear of it.
    message.catch(() => {});
    const ended = this.#ended.then((): never => {
      throw new Error("a helper of the benchmark has ended");
    });
    try {
      const [first]: unknown[] = await Promise.race([message, ended]);
      return first;
    } finally {
      left.abort();
    }
  }

  /** Ends it. */
  async close(): Promise<void> {
    this.#hangUp();
    await this.#ended;
  }

  readonly #hangUp = (): void => {
    if (this.#process.connected) this.#process.disconnect();
  };
}

/** In a helper: does as its parent says, and ends with it. */
export function serveParent(hear: (message: unknown) => void, end: () => Promise<void> | void): void {
  // Ctrl-C reaches every process of a terminal, but it is the parent who ends this one.
  process.on("SIGINT", () => {});
  process.on("message", hear);
  process.once("disconnect", async () => {
    await end();
    process.exit(0);
  });
}
