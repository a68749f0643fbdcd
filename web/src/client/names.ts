import type { UserId } from "../../../schema/wire/ids.ts";
import type { Api } from "./api.ts";
import { ApiProblem } from "./problem.ts";
import type { Store } from "./store.ts";

/** The server takes no more ids in one request. */
const MOST_IDS = 200;

/**
 * Finds out who people are of whom only the id is known: the senders in a group, say. One request is under way at a
 * time; ids that are needed meanwhile go with the next, so that a busy screen makes few, large requests.
 */
export class Names {
  readonly #api: Pick<Api, "users">;
  readonly #store: Store;
  /** Needed and not requested yet. */
  readonly #waiting = new Set<UserId>();
  /** In the request under way. */
  #requested: ReadonlySet<UserId> = new Set();
  /** The server does not know them: not requested again. */
  readonly #absent = new Set<UserId>();
  #running = false;

  constructor(api: Pick<Api, "users">, store: Store) {
    this.#api = api;
    this.#store = store;
  }

  need(ids: readonly UserId[]): void {
    const { people } = this.#store.state();
    for (const id of ids) {
      if (!people.has(id) && !this.#absent.has(id) && !this.#requested.has(id)) this.#waiting.add(id);
    }
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    // One request at a time: what is needed during one makes up the next.
    while (this.#waiting.size > 0) {
      const batch = [...this.#waiting].slice(0, MOST_IDS);
      for (const id of batch) this.#waiting.delete(id);
      this.#requested = new Set(batch);
      await this.#request(batch);
      this.#requested = new Set();
    }
    this.#running = false;
  }

  async #request(batch: readonly UserId[]): Promise<void> {
    try {
      const people = await this.#api.users(batch);
      const found = new Set(people.map(({ id }) => id));
      for (const id of batch) if (!found.has(id)) this.#absent.add(id);
      this.#store.apply({ type: "people", people });
    } catch (error) {
      // What the server refuses it would refuse again; after a fault, the next need requests again.
      if (isRefusal(error)) for (const id of batch) this.#absent.add(id);
      else if (!(error instanceof ApiProblem)) reportError(error);
    }
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof ApiProblem && [400, 404].includes(error.status);
}
