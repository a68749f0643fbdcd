import { useCallback } from "react";
import type { InviteToken } from "../../../schema/wire/invite.ts";
import { useClient } from "../app/client-context.tsx";
import { openConversation } from "../app/route.ts";
import { useAction } from "../app/use-action.ts";
import { useSearch } from "../app/use-search.ts";
import { Groups } from "../client/groups.ts";
import { ProblemNote } from "../parts/problem-note.tsx";
import { GroupRow } from "./group-row.tsx";

/** The group of an invite that the person has opened, to be joined. */
export function Invitation({ token }: { token: InviteToken }) {
  const client = useClient();
  const find = useCallback(
    async (_: string, signal: AbortSignal) => ({ items: [await client.api.invitedGroup(token, signal)] }),
    [client, token],
  );
  const { items, problem } = useSearch(token, find);
  const join = useAction(async () => {
    openConversation((await new Groups(client).acceptInvite(token)).conversation);
  });
  return (
    <section className="stack" aria-label="Invitation">
      <h2>You are invited</h2>
      <ProblemNote problem={problem} />
      <ul className="rows" aria-live="polite">
        {items?.map((group) => (
          <GroupRow key={group.id} group={group}>
            <button type="button" disabled={join.pending} onClick={() => join.run()}>
              Join
            </button>
          </GroupRow>
        ))}
      </ul>
      <ProblemNote problem={join.problem} />
    </section>
  );
}
