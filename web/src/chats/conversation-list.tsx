import { memo, useMemo, useState } from "react";
import type { ConversationId } from "../../../schema/wire/conversation-id.ts";
import { useStore } from "../app/client-context.tsx";
import { conversationHref } from "../app/route.ts";
import { type ConversationState, latest, title, unread } from "../client/conversation-state.ts";
import { Avatar } from "../parts/avatar.tsx";
import { Badge } from "../parts/badge.tsx";
import { shortTime } from "../parts/time.ts";
import { contentText } from "./content-text.ts";
import { byActivity } from "./order.ts";

/** So many conversations are shown at first, and more each time that more are wanted: thousands of rows are slow. */
const ROWS = 200;

/** The conversations, the latest first. */
export function ConversationList({ open }: { open: ConversationId | null }) {
  const conversations = useStore((state) => state.conversations);
  const unsent = useStore((state) => state.unsent);
  const loaded = useStore((state) => state.loaded);
  const [rows, setRows] = useState(ROWS);
  const sorted = useMemo(() => byActivity(conversations.values(), unsent.values()), [conversations, unsent]);
  return (
    <section className="conversations" aria-label="Conversations">
      {!loaded && sorted.length === 0 && <p className="empty">Loading…</p>}
      {loaded && sorted.length === 0 && <p className="empty">No chats yet. Find friends or groups first.</p>}
      <ul className="rows">
        {sorted.slice(0, rows).map((conversation) => (
          <ConversationLink
            key={conversation.id}
            conversation={conversation}
            isOpen={conversation.id === open}
          />
        ))}
      </ul>
      {sorted.length > rows && (
        <button type="button" onClick={() => setRows(rows + ROWS)}>
          More conversations
        </button>
      )}
    </section>
  );
}

const ConversationLink = memo(function ConversationLink(props: {
  conversation: ConversationState;
  isOpen: boolean;
}) {
  const { conversation } = props;
  const { peer, group } = conversation;
  const pictured = peer ?? group;
  const online = useStore((state) => peer !== null && state.friends.get(peer.id)?.online === true);
  const last = latest(conversation);
  const waiting = unread(conversation);
  return (
    <li>
      <a
        className="row"
        href={conversationHref(conversation.id)}
        aria-current={props.isOpen ? "true" : undefined}
      >
        <Avatar
          id={pictured?.id ?? ""}
          name={title(conversation)}
          url={pictured?.avatarUrl ?? null}
          online={online}
        />
        <div className="row-text">
          <p className="row-title">{title(conversation)}</p>
          <p className="row-detail">{last === null ? "No messages yet" : <LastMessage {...last} />}</p>
        </div>
        <div className="row-side">
          {last !== null && (
            <time dateTime={last.sentAt}>{shortTime(Date.parse(last.sentAt), Date.now())}</time>
          )}
          <Badge count={waiting} />
          {waiting > 0 && <span className="visually-hidden">{waiting} unread</span>}
        </div>
      </a>
    </li>
  );
});

function LastMessage({ senderId, content }: NonNullable<ReturnType<typeof latest>>) {
  const isMine = useStore((state) => state.me.id === senderId);
  const name = useStore((state) => state.people.get(senderId)?.displayName ?? "Somebody");
  return (
    <>
      {content?.type === "notice" ? `${isMine ? "You" : name} ` : isMine && "You: "}
      {contentText({ content, senderId })}
    </>
  );
}
