import { join } from "node:path";
import { Helper } from "../helper.ts";
import type { Order, OrderResult, Reply } from "./orders.ts";

/** The load generator, as its parent process uses it. */
export class LoadGenerator {
  readonly #helper: Helper;

  constructor(over: AbortSignal) {
    this.#helper = new Helper(join(import.meta.dirname, "main.ts"), over);
  }

  get pid(): number {
    return this.#helper.pid;
  }

  /** Gives it an order and returns the result. One order at a time. */
  async do(order: Order): Promise<OrderResult> {
    this.#helper.send(order);
    const reply = (await this.#helper.next()) as Reply;
    if (!reply.ok) throw new Error(`the load generator failed: ${reply.fault}`);
    return reply.result;
  }

  close(): Promise<void> {
    return this.#helper.close();
  }
}

/** Starts a load generator, does something with it, and ends it. */
export async function withLoad<Value>(
  over: AbortSignal,
  use: (load: LoadGenerator) => Promise<Value>,
): Promise<Value> {
  const load = new LoadGenerator(over);
  try {
    return await use(load);
  } finally {
    await load.close();
  }
}
