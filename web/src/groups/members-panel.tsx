import type { Group, Role } from "../../../schema/wire/group.ts";
import { useClient } from "../app/client-context.tsx";
import { openSection } from "../app/route.ts";
import { useAction } from "../app/use-action.ts";
import { Groups } from "../client/groups.ts";
import { Person } from "../parts/person.tsx";
import { ProblemNote } from "../parts/problem-note.tsx";
import { useMembers } from "./use-members.ts";

/** Who is in a group, beside its conversation. */
export function MembersPanel({ group }: { group: Group }) {
  const client = useClient();
  const members = useMembers(group);
  const leave = useAction(async () => {
    await new Groups(client).leave(group.id);
    openSection("chats");
  });
  return (
    <aside className="members" aria-label="Members">
      <ul className="rows">
        {members.items.map(({ user, role, online }) => (
          <Person key={user.id} user={user} online={online} detail={memberText(role, online)} />
        ))}
      </ul>
      {members.hasMore && (
        <button type="button" onClick={members.loadMore}>
          More members
        </button>
      )}
      <ProblemNote problem={members.problem ?? leave.problem} />
      <button type="button" className="danger" disabled={leave.pending} onClick={() => leave.run()}>
        Leave
      </button>
    </aside>
  );
}

/** A role that is not everybody's, and whether the member is there. */
function memberText(role: Role, online: boolean): string {
  const presence = online ? "Online" : "Offline";
  return role === "member" ? presence : `${role} · ${presence}`;
}
