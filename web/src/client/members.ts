import type { Member } from "../../../schema/wire/group.ts";
import type { GroupId } from "../../../schema/wire/ids.ts";
import type { Page } from "../../../schema/wire/page.ts";
import type { Api } from "./api.ts";

/** The members that are loaded; `hasMore` when the group has further pages. */
export type MembersState = {
  readonly items: readonly Member[];
  readonly hasMore: boolean;
  /** Why the last fetch failed, in words fit for a person. */
  readonly problem: string | null;
};

/**
 * A group's members while they are shown: the first page at once, further pages on demand, and all loaded pages again
 * after a change of the members. One fetch is under way at a time; changes meanwhile make one more.
 */
export class Members {
  readonly #api: Pick<Api, "members">;
  readonly #group: GroupId;
  readonly #words: (error: unknown) => string;
  /** Aborted when the members are no longer shown. */
  #shown = new AbortController();
  readonly #listeners = new Set<() => void>();
  #state: MembersState = { items: [], hasMore: false, problem: null };
  #cursor: string | null = null;
  /** Pages loaded so far. */
  #pages = 0;
  /** How many pages the next fetch from the start loads; null when none is due. */
  #due: number | null = null;
  #loading = false;

  constructor(api: Pick<Api, "members">, group: GroupId, words: (error: unknown) => string) {
    this.#api = api;
    this.#words = words;
    this.#group = group;
  }

  readonly state = (): MembersState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Fetches what is loaded again, and the first page when nothing is. */
  refresh(): void {
    this.#due = Math.max(1, this.#pages);
    if (!this.#loading) void this.#load();
  }

  /** Fetches the next page; does nothing while another fetch is under way. */
  more(): void {
    if (!this.#loading && this.#cursor !== null) void this.#load((signal) => this.#nextPage(signal));
  }

  /** Ends the fetch under way. */
  close(): void {
    this.#shown.abort();
    this.#shown = new AbortController();
    this.#loading = false;
    this.#due = null;
  }

  async #load(first?: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { signal } = this.#shown;
    this.#loading = true;
    try {
      if (first !== undefined) await first(signal);
      while (this.#due !== null) await this.#fromStart(this.#due, signal);
    } catch (error) {
      if (signal.aborted) return;
      this.#show({ ...this.#state, problem: this.#words(error) });
    }
    this.#loading = false;
    // A change that came during a fetch that failed has its own fetch.
    if (this.#due !== null) void this.#load();
  }

  async #fromStart(pages: number, signal: AbortSignal): Promise<void> {
    this.#due = null;
    const items: Member[] = [];
    let cursor: string | null = null;
    let loaded = 0;
    // Each page's cursor comes with the page before.
    do {
      const page: Page<Member> = await this.#page(cursor, signal);
      items.push(...page.items);
      cursor = page.nextCursor;
      loaded += 1;
    } while (cursor !== null && loaded < pages);
    this.#took(items, cursor, loaded);
  }

  async #nextPage(signal: AbortSignal): Promise<void> {
    const page = await this.#page(this.#cursor, signal);
    this.#took([...this.#state.items, ...page.items], page.nextCursor, this.#pages + 1);
  }

  async #page(cursor: string | null, signal: AbortSignal): Promise<Page<Member>> {
    const page = await this.#api.members(this.#group, cursor, signal);
    signal.throwIfAborted();
    return page;
  }

  #took(items: readonly Member[], cursor: string | null, pages: number): void {
    this.#cursor = cursor;
    this.#pages = pages;
    this.#show({ items, hasMore: cursor !== null, problem: null });
  }

  #show(state: MembersState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
