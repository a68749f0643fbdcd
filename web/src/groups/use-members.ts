import { useEffect, useState } from "react";
import type { Group, Member } from "../../../schema/wire/group.ts";
import type { GroupId } from "../../../schema/wire/ids.ts";
import type { Page } from "../../../schema/wire/page.ts";
import { useClient } from "../app/client-context.tsx";
import { wordsFor } from "../app/use-action.ts";
import type { Api } from "../client/api.ts";

/** Counts change in bursts; the list is fetched once they rest. */
const REST_MS = 300;

/** The members that are loaded, and whether there are more. */
export type Members = {
  items: readonly Member[];
  hasMore: boolean;
  problem: string | null;
  loadMore: () => void;
};

/** A group's members, page by page; fetched anew when the group's counts show that somebody came or went. */
export function useMembers({ id, memberCount, onlineCount }: Group): Members {
  const client = useClient();
  const [pages, setPages] = useState(1);
  const [loaded, setLoaded] = useState<Page<Member>>({ items: [], nextCursor: null });
  const [problem, setProblem] = useState<string | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: changed counts mean changed members.
  useEffect(() => {
    const over = new AbortController();
    const load = async () => {
      try {
        setLoaded(await firstPages(client.api, id, pages, over.signal));
        setProblem(null);
      } catch (error) {
        if (!over.signal.aborted) setProblem(wordsFor(error));
      }
    };
    const timer = setTimeout(() => void load(), REST_MS);
    return () => {
      clearTimeout(timer);
      over.abort();
    };
  }, [client, id, pages, memberCount, onlineCount]);

  return {
    items: loaded.items,
    hasMore: loaded.nextCursor !== null,
    problem,
    loadMore: () => setPages(pages + 1),
  };
}

async function firstPages(api: Api, id: GroupId, count: number, signal: AbortSignal): Promise<Page<Member>> {
  const items: Member[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < count; page += 1) {
    const next: Page<Member> = await api.members(id, cursor, signal);
    items.push(...next.items);
    cursor = next.nextCursor;
    if (cursor === null) break;
  }
  return { items, nextCursor: cursor };
}
