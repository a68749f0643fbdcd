import { useEffect, useMemo, useSyncExternalStore } from "react";
import type { GroupId } from "../../../schema/wire/ids.ts";
import { useClient } from "../app/client-context.tsx";
import { wordsFor } from "../app/use-action.ts";
import { Members, type MembersState } from "../client/members.ts";

/** The members of a group while a component shows them; `changes` grows when they may have changed. */
export function useMembers(group: GroupId, changes: number): MembersState & { loadMore: () => void } {
  const client = useClient();
  const members = useMemo(() => new Members(client.api, group, wordsFor), [client, group]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each change fetches again.
  useEffect(() => members.refresh(), [members, changes]);
  useEffect(() => () => members.close(), [members]);
  const state = useSyncExternalStore(members.subscribe, members.state);
  return { ...state, loadMore: () => members.more() };
}
