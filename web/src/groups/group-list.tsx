import { useMemo } from "react";
import type { Group } from "../../../schema/wire/group.ts";
import { useClient, useStore } from "../app/client-context.tsx";
import { conversationHref } from "../app/route.ts";
import { useAction } from "../app/use-action.ts";
import { Groups } from "../client/groups.ts";
import { ProblemNote } from "../parts/problem-note.tsx";
import { GroupRow } from "./group-row.tsx";

/** This person's groups, by name. */
export function GroupList() {
  const conversations = useStore((state) => state.conversations);
  const loaded = useStore((state) => state.loaded);
  const groups = useMemo(
    () =>
      [...conversations.values()]
        .flatMap(({ group }) => group ?? [])
        .sort((a, b) => a.name.localeCompare(b.name)),
    [conversations],
  );
  return (
    <section aria-label="Your groups">
      {loaded && groups.length === 0 && <p className="empty">You are in no group yet.</p>}
      <ul className="rows">
        {groups.map((group) => (
          <OwnGroup key={group.id} group={group} />
        ))}
      </ul>
    </section>
  );
}

function OwnGroup({ group }: { group: Group }) {
  const client = useClient();
  const leave = useAction(() => new Groups(client).leave(group.id));
  return (
    <GroupRow group={group}>
      <a className="button" href={conversationHref(group.conversation)}>
        Open
      </a>
      <button type="button" className="quiet" disabled={leave.pending} onClick={() => leave.run()}>
        Leave
      </button>
      <ProblemNote problem={leave.problem} />
    </GroupRow>
  );
}
