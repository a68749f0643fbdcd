import { CreateGroup } from "./create-group.tsx";
import { FindGroups } from "./find-groups.tsx";
import { GroupList } from "./group-list.tsx";

/** Everything about groups: the person's own, the search for others, a new one. */
export function GroupsPage() {
  return (
    <div className="page">
      <h1>Groups</h1>
      <GroupList />
      <FindGroups />
      <CreateGroup />
    </div>
  );
}
