import type { ReactNode } from "react";
import type { User } from "../../../schema/wire/user.ts";
import { Avatar } from "./avatar.tsx";

/** A person's row in a list, with details and actions. */
export function Person(props: {
  user: User;
  online?: boolean;
  detail?: string;
  note?: string | null;
  children?: ReactNode;
}) {
  const { user } = props;
  return (
    <li className="row">
      <Avatar
        id={user.id}
        name={user.displayName}
        url={user.avatarUrl}
        {...(props.online && { online: true })}
      />
      <div className="row-text">
        <p className="row-title">{user.displayName}</p>
        <p className="row-detail">
          @{user.username}
          {props.detail !== undefined && <> · {props.detail}</>}
        </p>
        {props.note && <p className="row-note">{props.note}</p>}
      </div>
      {props.children !== undefined && <div className="row-actions">{props.children}</div>}
    </li>
  );
}
