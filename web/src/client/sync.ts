import type { ServerEvent } from "../../../schema/wire/socket.ts";
import type { Api } from "./api.ts";
import { waitBefore } from "./backoff.ts";
import type { Directory } from "./change.ts";
import { ApiProblem } from "./problem.ts";
import type { Store } from "./store.ts";
import { asksAgain, changesOf, revsOf } from "./sync-plan.ts";

/** What syncing asks the server for. */
type SyncApi = Pick<Api, "friends" | "friendRequests" | "conversations" | "sync">;

/** What a round of syncing is to bring. */
type Wanted = { lists: boolean };

/**
 * Brings the state up to what the server has. On each connection, once `ready` is there: the lists, then the
 * messages. Later, when an event shows a gap: the messages again. What the socket brings meanwhile goes straight
 * into the store, where both meet: messages merge by id and rev, and events are repeated over the lists.
 */
export class Sync {
  readonly #api: SyncApi;
  readonly #store: Store;
  #connection = new AbortController();
  /** What is still to be done; a wish during a round is another round. */
  #wanted: Wanted | null = null;
  #running = false;
  /** Events that came while the lists were on their way: they may be newer than the lists. */
  #meanwhile: ServerEvent[] | null = null;

  constructor(api: SyncApi, store: Store) {
    this.#api = api;
    this.#store = store;
  }

  /** A new connection will now bring every event: whatever is older has to be fetched. */
  connected(): void {
    this.disconnected();
    this.#connection = new AbortController();
    this.want({ lists: true });
  }

  /** Stops; the next connection starts from where this one came to. */
  disconnected(): void {
    this.#connection.abort();
    this.#wanted = null;
    this.#running = false;
    this.#meanwhile = null;
  }

  /** Takes note of events that the store was given. */
  saw(events: readonly ServerEvent[]): void {
    this.#meanwhile?.push(...events);
  }

  /** Something is missing: fetch it, now or after the round under way. */
  want(wanted: Wanted): void {
    this.#wanted = { lists: wanted.lists || (this.#wanted?.lists ?? false) };
    if (!this.#running) void this.#run(this.#connection.signal);
  }

  async #run(signal: AbortSignal): Promise<void> {
    this.#running = true;
    let attempt = 0;
    while (this.#wanted !== null && !signal.aborted) {
      const wanted: Wanted = this.#wanted;
      this.#wanted = null;
      try {
        if (wanted.lists) await this.#lists(signal);
        await this.#messages(signal);
        attempt = 0;
      } catch (error) {
        if (signal.aborted) return;
        this.#wanted = wanted;
        await pause(error, attempt);
        attempt += 1;
      }
    }
    if (!signal.aborted) this.#running = false;
  }

  async #lists(signal: AbortSignal): Promise<void> {
    this.#meanwhile = [];
    const [friends, incoming, outgoing, conversations] = await Promise.all([
      this.#api.friends(signal),
      this.#api.friendRequests("incoming", signal),
      this.#api.friendRequests("outgoing", signal),
      this.#api.conversations(signal),
    ]);
    signal.throwIfAborted();
    const directory: Directory = { friends, incoming, outgoing, conversations };
    const events = this.#meanwhile.map((event) => ({ type: "event", event }) as const);
    this.#meanwhile = null;
    this.#store.apply({ type: "directory", directory }, ...events);
  }

  async #messages(signal: AbortSignal): Promise<void> {
    let again = true;
    while (again) {
      const before = this.#store.state();
      const asked = revsOf(before.conversations);
      const answer = await this.#api.sync(Object.fromEntries(asked), signal);
      signal.throwIfAborted();
      this.#store.apply(...changesOf(answer, asked, before));
      again = asksAgain(answer, before);
    }
  }
}

/** Waits after a failure. An answer of another shape than promised fails like one that did not come. */
async function pause(error: unknown, attempt: number): Promise<void> {
  const asked = error instanceof ApiProblem ? error.retryAfter : 0;
  const wait = Math.max(asked, waitBefore(attempt + 1, 0, Math.random()));
  await new Promise((resolve) => setTimeout(resolve, wait));
}
