import type { ConversationId } from "../../../schema/wire/conversation-id.ts";
import type { Api } from "./api.ts";
import { waitBefore } from "./backoff.ts";
import type { Directory } from "./change.ts";
import { isLoaded } from "./conversation-state.ts";
import type { SocketEvent } from "./frame.ts";
import { conversationOf } from "./gaps.ts";
import { ApiProblem } from "./problem.ts";
import type { Store } from "./store.ts";
import { asksAgain, changeOf, planSync } from "./sync-plan.ts";

/** How many messages a conversation begins with. */
const NEWEST = 50;

/** How many histories are requested at a time. */
const AT_ONCE = 4;

/** The statuses of a conversation that the caller may not see, or not any more. */
const GONE: readonly number[] = [403, 404];

/** The part of the API that syncing uses. */
export type SyncApi = Pick<Api, "friends" | "friendRequests" | "conversations" | "sync" | "newestMessages">;

/** What a round of syncing fetches besides messages. */
type Wanted = { lists: boolean };

/**
 * Brings the state up to what the server has. On each `ready`: the lists, then the messages of the conversations that
 * are loaded. Later, when an event shows a gap: the messages again. What the socket brings meanwhile goes straight
 * into the store, where both meet: messages merge by id and rev, and events are repeated over the lists.
 */
export class Sync {
  readonly #api: SyncApi;
  readonly #store: Store;
  #connection = new AbortController();
  /** What the next round fetches; null for nothing. */
  #wanted: Wanted | null = null;
  /** Conversations that were opened and are not loaded; kept across connections. */
  readonly #opened = new Set<ConversationId>();
  #running = false;
  /** Events that came while the lists were fetched: they may be newer than the lists. */
  #meanwhile: SocketEvent[] | null = null;

  constructor(api: SyncApi, store: Store) {
    this.#api = api;
    this.#store = store;
  }

  /** From now on the socket brings every event, and whatever is older has to be fetched. */
  connected(): void {
    this.disconnected();
    this.#connection = new AbortController();
    this.want({ lists: true });
  }

  /** Stops; the next connection goes on from what has been fetched. */
  disconnected(): void {
    this.#connection.abort();
    this.#wanted = null;
    this.#running = false;
    this.#meanwhile = null;
  }

  /** Collects events that were applied to the store while lists are fetched. */
  saw(events: readonly SocketEvent[]): void {
    this.#meanwhile?.push(...events);
  }

  /** Something is missing: fetches it, now or after the round under way. */
  want(wanted: Wanted): void {
    this.#note(wanted);
    this.#wake();
  }

  /** Loads a conversation's newest messages unless they are loaded, now or after the round under way. */
  open(id: ConversationId): void {
    this.#opened.add(id);
    this.#wake();
  }

  #note({ lists }: Wanted): void {
    this.#wanted = { lists: lists || (this.#wanted?.lists ?? false) };
  }

  #wake(): void {
    if (!this.#running) void this.#run(this.#connection.signal);
  }

  async #run(signal: AbortSignal): Promise<void> {
    this.#running = true;
    let attempt = 0;
    while ((this.#wanted !== null || this.#opened.size > 0) && !signal.aborted) {
      const wanted: Wanted | null = this.#wanted;
      this.#wanted = null;
      try {
        if (wanted?.lists) await this.#lists(signal);
        if (wanted !== null) await this.#messages(signal);
        await this.#openings(signal);
        attempt = 0;
      } catch (error) {
        if (signal.aborted) return;
        if (wanted !== null) this.#note(wanted);
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
    const active = new Set(this.#meanwhile.flatMap(conversationOf));
    const directory: Directory = { friends, incoming, outgoing, conversations, active };
    const events = this.#meanwhile.map((event) => ({ type: "event", event }) as const);
    this.#meanwhile = null;
    this.#store.apply({ type: "directory", directory }, ...events);
  }

  async #messages(signal: AbortSignal): Promise<void> {
    let again = true;
    // Each request names the revs that the response before brought.
    while (again) {
      const before = this.#store.state();
      const plan = planSync(before);
      if (plan.by === "history") return this.#histories(plan.conversations, signal);
      const answer = await this.#api.sync(Object.fromEntries(plan.revs), signal);
      signal.throwIfAborted();
      this.#store.apply(changeOf(answer, plan.revs, before));
      again = asksAgain(answer, plan.revs, before);
    }
  }

  async #openings(signal: AbortSignal): Promise<void> {
    const ids = [...this.#opened];
    await this.#histories(ids.filter(this.#needsLoading), signal);
    for (const id of ids) this.#opened.delete(id);
  }

  /** The newest page of each conversation's history, in this order, a few at a time: no route returns several. */
  async #histories(ids: readonly ConversationId[], signal: AbortSignal): Promise<void> {
    for (let next = 0; next < ids.length; next += AT_ONCE) {
      await Promise.all(ids.slice(next, next + AT_ONCE).map((id) => this.#history(id, signal)));
    }
  }

  async #history(id: ConversationId, signal: AbortSignal): Promise<void> {
    // Taken before the request: the page contains every change up to it, and the socket brings the later ones.
    const rev = this.#store.state().conversations.get(id)?.rev ?? 0;
    try {
      const messages = await this.#api.newestMessages(id, NEWEST, signal);
      signal.throwIfAborted();
      const complete = messages.length < NEWEST;
      this.#store.apply({ type: "newest", conversation: id, messages, rev, complete });
    } catch (error) {
      // The conversation is gone; an event or the next lists remove it.
      if (!(error instanceof ApiProblem) || !GONE.includes(error.status)) throw error;
    }
  }

  readonly #needsLoading = (id: ConversationId): boolean => {
    const conversation = this.#store.state().conversations.get(id);
    return conversation !== undefined && !isLoaded(conversation);
  };
}

/** Waits after a failure. A response of another shape than promised is a failure as well. */
async function pause(error: unknown, attempt: number): Promise<void> {
  const asked = error instanceof ApiProblem ? error.retryAfter : 0;
  const wait = Math.max(asked, waitBefore(attempt + 1, 0, Math.random()));
  await new Promise((resolve) => setTimeout(resolve, wait));
}
