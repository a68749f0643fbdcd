import { useCallback, useState } from "react";
import type { Group } from "../../../schema/wire/group.ts";
import { useClient, useStore } from "../app/client-context.tsx";
import { openConversation } from "../app/route.ts";
import { useAction } from "../app/use-action.ts";
import { useSearch } from "../app/use-search.ts";
import { Groups } from "../client/groups.ts";
import { Field } from "../parts/field.tsx";
import { ProblemNote } from "../parts/problem-note.tsx";
import { GroupRow } from "./group-row.tsx";

/** Search among all groups, and join them. */
export function FindGroups() {
  const client = useClient();
  const [query, setQuery] = useState("");
  const find = useCallback(
    (words: string, signal: AbortSignal) => client.api.findGroups(words, signal),
    [client],
  );
  const { items, problem } = useSearch(query, find);
  return (
    <section className="stack">
      <Field
        label="Find groups"
        type="search"
        value={query}
        placeholder="Group name"
        onChange={(event) => setQuery(event.target.value)}
      />
      <ProblemNote problem={problem} />
      <ul className="rows" aria-live="polite">
        {items?.map((group) => (
          <FoundGroup key={group.id} group={group} />
        ))}
      </ul>
      {items?.length === 0 && <p className="empty">No group found</p>}
    </section>
  );
}

function FoundGroup({ group }: { group: Group }) {
  const client = useClient();
  const isMember = useStore((state) => state.conversations.has(group.conversation));
  const [waits, setWaits] = useState(false);
  const join = useAction(async () => {
    const joined = await new Groups(client).join(group.id);
    if (joined === null) setWaits(true);
    else openConversation(joined.conversation);
  });
  return (
    <GroupRow group={group}>
      {isMember ? (
        <span className="hint">Joined</span>
      ) : group.joinPolicy === "invite" ? (
        <span className="hint">By invitation</span>
      ) : waits ? (
        <span className="hint">Waiting for approval</span>
      ) : (
        <button type="button" disabled={join.pending} onClick={() => join.run()}>
          Join
        </button>
      )}
      <ProblemNote problem={join.problem} />
    </GroupRow>
  );
}
