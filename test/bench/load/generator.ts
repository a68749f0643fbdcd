import { join } from "node:path";
import { Helper } from "../helper.ts";
import type { Answer, Order, Reply } from "./orders.ts";

/** The load generator, from its parent's side. */
export class LoadGenerator {
  readonly #helper: Helper;

  constructor(over: AbortSignal) {
    this.#helper = new Helper(join(import.meta.dirname, "main.ts"), over);
  }

  get pid(): number {
    return this.#helper.pid;
  }

  /** Has it do something; answers when it has. One order at a time. */
  async do(order: Order): Promise<Answer> {
    this.#helper.send(order);
    const reply = (await this.#helper.next()) as Reply;
    if (!reply.ok) throw new Error(`the load generator failed: ${reply.fault}`);
    return reply.answer;
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
