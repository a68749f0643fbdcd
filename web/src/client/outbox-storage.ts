import { z } from "zod";
import type { ClientId, UserId } from "../../../schema/wire/ids.ts";
import { Operation } from "../../../schema/wire/operation.ts";
import type { Outgoing } from "./state.ts";

const Kept: z.ZodType<Outgoing> = z.object({
  operation: Operation,
  at: z.number(),
  state: z.enum(["pending", "accepted", "failed"]),
  problem: z.string().nullable(),
});

/**
 * Unacknowledged operations in the browser's storage, each under its own key: two tabs that write at once do not
 * overwrite each other's.
 */
export class OutboxStorage {
  readonly #storage: Storage;
  readonly #prefix: string;

  constructor(storage: Storage, userId: UserId) {
    this.#storage = storage;
    this.#prefix = `im.outbox.${userId}.`;
  }

  /** All stored operations, in the order they were made. Those that are not valid are left out. */
  read(): Outgoing[] {
    return this.#keys()
      .flatMap((key) => parse(this.#storage.getItem(key)))
      .sort((a, b) => a.at - b.at);
  }

  put(outgoing: Outgoing): void {
    this.#storage.setItem(this.#prefix + outgoing.operation.clientId, JSON.stringify(outgoing));
  }

  remove(clientId: ClientId): void {
    this.#storage.removeItem(this.#prefix + clientId);
  }

  /** Deletes all: the person logs out of this device. */
  clear(): void {
    for (const key of this.#keys()) this.#storage.removeItem(key);
  }

  #keys(): string[] {
    return Array.from({ length: this.#storage.length }, (_, index) => this.#storage.key(index) ?? "").filter(
      (key) => key.startsWith(this.#prefix),
    );
  }
}

function parse(kept: string | null): Outgoing[] {
  try {
    return [Kept.parse(JSON.parse(kept ?? ""))];
  } catch {
    return [];
  }
}
