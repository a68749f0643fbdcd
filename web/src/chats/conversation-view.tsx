import { useEffect, useId, useMemo, useState } from "react";
import { useClient, useStore } from "../app/client-context.tsx";
import { sectionHref } from "../app/route.ts";
import { type ConversationState, isLoaded, title } from "../client/conversation-state.ts";
import { shown } from "../client/timeline.ts";
import { presenceText } from "../friends/presence-text.ts";
import { countsText } from "../groups/counts-text.ts";
import { MembersPanel } from "../groups/members-panel.tsx";
import { Composer } from "./composer.tsx";
import { entriesOf, unsentIn } from "./entries.ts";
import { MessageLog } from "./message-log.tsx";
import type { Target } from "./target.ts";

/** One conversation: its name, its messages, and the composer. */
export function ConversationView({ conversation }: { conversation: ConversationState }) {
  const client = useClient();
  const me = useStore((state) => state.me);
  const unsent = useStore((state) => state.unsent);
  const [showsMembers, setShowsMembers] = useState(false);
  const [target, setTarget] = useState<Target | null>(null);
  const headingId = useId();
  const { id, timeline, group, peer } = conversation;
  const isFriend = useStore((state) => peer !== null && state.friends.has(peer.id));
  const canWrite = group !== null || isFriend;
  const entries = useMemo(
    () => entriesOf(shown(timeline), unsentIn(id, unsent), me.id, timeline.messages),
    [id, timeline, unsent, me.id],
  );
  const needsLoading = !isLoaded(conversation);
  useEffect(() => {
    if (needsLoading) client.open(id);
  }, [client, id, needsLoading]);
  useEffect(() => {
    client.need(entries.flatMap(({ senderId, quotedSenderId }) => [senderId, quotedSenderId ?? []].flat()));
  }, [client, entries]);
  return (
    <section className="conversation" aria-labelledby={headingId}>
      <header className="conversation-header">
        <a className="back" href={sectionHref("chats")}>
          <span className="visually-hidden">Back</span>
        </a>
        <div className="row-text">
          <h1 id={headingId}>{title(conversation)}</h1>
          <Subtitle conversation={conversation} />
        </div>
        {group !== null && (
          <button type="button" aria-expanded={showsMembers} onClick={() => setShowsMembers(!showsMembers)}>
            Members
          </button>
        )}
      </header>
      <div className="conversation-body">
        <div className="conversation-talk">
          <MessageLog conversation={conversation} entries={entries} choose={canWrite ? setTarget : null} />
          {canWrite ? (
            <Composer conversation={id} target={target} done={() => setTarget(null)} />
          ) : (
            <p className="composer-closed">Only friends can write to each other.</p>
          )}
        </div>
        {group !== null && showsMembers && (
          <MembersPanel group={group} memberChanges={conversation.memberChanges} />
        )}
      </div>
    </section>
  );
}

function Subtitle({ conversation: { group, peer } }: { conversation: ConversationState }) {
  const friend = useStore((state) => (peer === null ? undefined : state.friends.get(peer.id)));
  if (group !== null) return <p className="row-detail">{countsText(group)}</p>;
  if (friend !== undefined) return <p className="row-detail">{presenceText(friend, Date.now())}</p>;
  return null;
}
