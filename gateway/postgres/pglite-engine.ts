import { once } from "node:events";
import { Worker } from "node:worker_threads";
import {
  type PostgresEngine,
  PostgresError,
  type Statement,
  type StatementResult,
  type TransactionOptions,
} from "./engine.ts";
import type { SessionRequest } from "./pglite-session.ts";
import type { WorkerReply, WorkerRequest } from "./pglite-worker.ts";

interface Pending {
  readonly resolve: (results: readonly StatementResult[]) => void;
  readonly reject: (reason: Error) => void;
}

/**
 * The embedded Postgres: PGlite, persisted in a folder, in a thread of its own. What it acknowledged survives its
 * process, however that ends, but not the machine's power: PGlite's file system cannot flush to disk.
 */
export class PGliteEngine implements PostgresEngine {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;
  #closing = false;

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.on("message", (reply: WorkerReply) => this.#settle(reply));
    // An error in the thread is left without a listener: it ends the process, which is then started again.
    worker.on("exit", () => this.#ended());
  }

  /** Opens the database in `dataDir`, which the caller must hold for itself alone. */
  static async open(dataDir: string): Promise<PGliteEngine> {
    const worker = new Worker(new URL("./pglite-worker.ts", import.meta.url), { workerData: { dataDir } });
    await once(worker, "message");
    return new PGliteEngine(worker);
  }

  async query(statement: Statement): Promise<StatementResult> {
    const [result] = await this.#run({ statements: [statement], transaction: undefined });
    if (result === undefined) throw new Error("Postgres gave no result for a statement");
    return result;
  }

  transaction(
    statements: readonly Statement[],
    options: TransactionOptions,
  ): Promise<readonly StatementResult[]> {
    return this.#run({ statements, transaction: options });
  }

  async ping(): Promise<void> {
    await this.query({ sql: "SELECT 1", params: [] });
  }

  async close(): Promise<void> {
    this.#closing = true;
    const ended = once(this.#worker, "exit");
    this.#post("close");
    await ended;
  }

  #run(request: SessionRequest): Promise<readonly StatementResult[]> {
    return new Promise((resolve, reject) => {
      this.#lastId += 1;
      this.#pending.set(this.#lastId, { resolve, reject });
      this.#post({ id: this.#lastId, request });
    });
  }

  #post(message: WorkerRequest): void {
    this.#worker.postMessage(message);
  }

  #settle(reply: WorkerReply): void {
    if (reply === "open") return;
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if ("fault" in reply) pending?.reject(new Error(reply.fault));
    else if ("error" in reply.outcome) {
      pending?.reject(new PostgresError(reply.outcome.error.message, reply.outcome.error.report));
    } else pending?.resolve(reply.outcome.results);
  }

  #ended(): void {
    const error = new Error("Postgres has ended");
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
    if (!this.#closing) throw error;
  }
}
