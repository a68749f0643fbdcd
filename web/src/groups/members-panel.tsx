import type { Group, Member } from "../../../schema/wire/group.ts";
import { useClient, useStore } from "../app/client-context.tsx";
import { openSection } from "../app/route.ts";
import { useAction } from "../app/use-action.ts";
import { Groups } from "../client/groups.ts";
import { Person } from "../parts/person.tsx";
import { ProblemNote } from "../parts/problem-note.tsx";
import { useMembers } from "./use-members.ts";

/** The members of a group, beside its conversation; `memberChanges` grows when they may have changed. */
export function MembersPanel({ group, memberChanges }: { group: Group; memberChanges: number }) {
  const client = useClient();
  const members = useMembers(group.id, memberChanges);
  const leave = useAction(async () => {
    await new Groups(client).leave(group.id);
    openSection("chats");
  });
  return (
    <aside className="members" aria-label="Members">
      <ul className="rows">
        {members.items.map((member) => (
          <MemberRow key={member.user.id} member={member} />
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

/** Presence events are of friends; other members are shown as they were when the list was fetched. */
function MemberRow({ member: { user, role, online } }: { member: Member }) {
  const friend = useStore((state) => state.friends.get(user.id));
  const isOnline = friend?.online ?? online;
  const presence = isOnline ? "Online" : "Offline";
  const detail = role === "member" ? presence : `${role} · ${presence}`;
  return <Person user={user} online={isOnline} detail={detail} />;
}
