import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** A child process of the benchmark with an IPC channel. It ends when the channel closes. */
export class Helper {
  readonly #process: ChildProcess;
  readonly #ended: Promise<void>;

  /** Runs a script; the signal ends it early, and a pending `next` then throws. */
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

  /** The next message; throws when the process has ended. */
  async next(): Promise<unknown> {
    const left = new AbortController();
    const message = once(this.#process, "message", { signal: left.signal });
    // When the helper ends first, nothing awaits this promise: its rejection must not count as unhandled.
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

  /** Ends the process. */
  async close(): Promise<void> {
    this.#hangUp();
    await this.#ended;
  }

  readonly #hangUp = (): void => {
    if (this.#process.connected) this.#process.disconnect();
  };
}

/** In a helper: handles the messages of its parent, and ends with it. */
export function serveParent(handle: (message: unknown) => void, end: () => Promise<void> | void): void {
  // Ctrl-C signals every process of the terminal, but the parent ends this one.
  process.on("SIGINT", () => {});
  process.on("message", handle);
  process.once("disconnect", async () => {
    await end();
    process.exit(0);
  });
}
