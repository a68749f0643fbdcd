import { useMemo } from "react";
import type { Friend } from "../../../schema/wire/friend.ts";
import { useClient, useStore } from "../app/client-context.tsx";
import { conversationHref } from "../app/route.ts";
import { useAction } from "../app/use-action.ts";
import { Friendships } from "../client/friendships.ts";
import { ConfirmButton } from "../parts/confirm-button.tsx";
import { Person } from "../parts/person.tsx";
import { ProblemNote } from "../parts/problem-note.tsx";
import { presenceText } from "./presence-text.ts";

/** The friends by name, those online first. */
export function FriendList() {
  const friends = useStore((state) => state.friends);
  const loaded = useStore((state) => state.loaded);
  const sorted = useMemo(() => [...friends.values()].sort(byPresenceAndName), [friends]);
  return (
    <section aria-label="Your friends">
      {loaded && sorted.length === 0 && <p className="empty">No friends yet. Find people below.</p>}
      <ul className="rows">
        {sorted.map((friend) => (
          <FriendRow key={friend.user.id} friend={friend} />
        ))}
      </ul>
    </section>
  );
}

function FriendRow({ friend }: { friend: Friend }) {
  const client = useClient();
  const remove = useAction(() => new Friendships(client).remove(friend.user.id));
  return (
    <Person user={friend.user} online={friend.online} detail={presenceText(friend, Date.now())}>
      <a className="button" href={conversationHref(friend.conversation)}>
        Message
      </a>
      <ConfirmButton
        label="Remove"
        question="Really remove?"
        disabled={remove.pending}
        act={() => remove.run()}
      />
      <ProblemNote problem={remove.problem} />
    </Person>
  );
}

function byPresenceAndName(a: Friend, b: Friend): number {
  return Number(b.online) - Number(a.online) || a.user.displayName.localeCompare(b.user.displayName);
}
