import type { UserId } from "../../../schema/wire/ids.ts";
import type { Api } from "./api.ts";
import { ApiProblem } from "./problem.ts";
import type { Store } from "./store.ts";

/** Finds out who people are of whom only the id is known: the writers in a group, say. Each is asked for once. */
export class Names {
  readonly #api: Api;
  readonly #store: Store;
  readonly #asked = new Set<UserId>();

  constructor(api: Api, store: Store) {
    this.#api = api;
    this.#store = store;
  }

  need(ids: readonly UserId[]): void {
    const { people } = this.#store.state();
    const unknown = new Set(ids.filter((id) => !people.has(id) && !this.#asked.has(id)));
    for (const id of unknown) void this.#ask(id);
  }

  async #ask(id: UserId): Promise<void> {
    this.#asked.add(id);
    try {
      this.#store.apply({ type: "people", people: [await this.#api.user(id)] });
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      // Somebody who is gone stays nameless; after a fault the next need asks again.
      if (error.status !== 404) this.#asked.delete(id);
    }
  }
}
