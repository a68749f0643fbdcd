import type { InviteToken } from "../../../schema/wire/invite.ts";
import { CreateGroup } from "./create-group.tsx";
import { FindGroups } from "./find-groups.tsx";
import { GroupList } from "./group-list.tsx";
import { Invitation } from "./invitation.tsx";

/** Everything about groups: the person's own, the search for others, a new one. */
export function GroupsPage({ invite }: { invite: InviteToken | null }) {
  return (
    <div className="page">
      <h1>Groups</h1>
      {invite !== null && <Invitation token={invite} />}
      <GroupList />
      <FindGroups />
      <CreateGroup />
    </div>
  );
}
