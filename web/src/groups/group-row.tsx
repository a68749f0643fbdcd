import type { ReactNode } from "react";
import type { Group } from "../../../schema/wire/group.ts";
import { Avatar } from "../parts/avatar.tsx";
import { countsText } from "./counts-text.ts";

/** A group's row in a list, with its actions. */
export function GroupRow({ group, children }: { group: Group; children: ReactNode }) {
  return (
    <li className="row">
      <Avatar id={group.id} name={group.name} url={group.avatarUrl} />
      <div className="row-text">
        <p className="row-title">{group.name}</p>
        <p className="row-detail">{countsText(group)}</p>
      </div>
      <div className="row-actions">{children}</div>
    </li>
  );
}
