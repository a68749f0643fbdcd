import { Fragment, useCallback, useEffect } from "react";
import type { UserId } from "../../../schema/wire/ids.ts";
import { useClient, useStore } from "../app/client-context.tsx";
import { useAction } from "../app/use-action.ts";
import type { ConversationState } from "../client/conversation-state.ts";
import { ProblemNote } from "../parts/problem-note.tsx";
import { dayName } from "../parts/time.ts";
import type { Entry } from "./entries.ts";
import { MessageItem } from "./message-item.tsx";
import type { Target } from "./target.ts";
import { useLogScroll } from "./use-log-scroll.ts";

/** The messages of a conversation. Scrolling up loads older ones; what is seen at the end counts as read. */
export function MessageLog(props: {
  conversation: ConversationState;
  entries: readonly Entry[];
  /** Replies to a message or edits it; null where the person may not write. */
  choose: ((target: Target) => void) | null;
}) {
  const { conversation, entries } = props;
  const { id, timeline } = conversation;
  const client = useClient();
  const me = useStore((state) => state.me);
  const people = useStore((state) => state.people);
  const older = useAction(() => client.loadOlder(id));
  const hasOlder = timeline.from !== null && !timeline.complete;
  const loadOlder = () => {
    if (hasOlder && !older.pending) older.run();
  };
  const seen = useCallback(() => {
    if (document.visibilityState === "visible") client.read(id);
  }, [client, id]);
  const log = useLogScroll({ entries, me: me.id, onTop: loadOlder, onBottom: seen });

  useEffect(() => {
    document.addEventListener("visibilitychange", log.check);
    return () => document.removeEventListener("visibilitychange", log.check);
  }, [log.check]);

  // In a conversation of two, who has written is clear.
  const isNamed = ({ isNotice }: Entry) => isNotice || conversation.group !== null;

  const nameOf = (id: UserId) => people.get(id)?.displayName ?? "…";

  return (
    <div
      ref={log.ref}
      className="log"
      role="log"
      aria-label="Messages"
      aria-busy={older.pending}
      onScroll={log.onScroll}
    >
      {hasOlder && (
        <button type="button" className="quiet older" disabled={older.pending} onClick={loadOlder}>
          {older.pending ? "Loading…" : "Load older messages"}
        </button>
      )}
      <ProblemNote problem={older.problem} />
      {timeline.cursor === null && <p className="empty">Loading…</p>}
      {timeline.complete && entries.length === 0 && <p className="empty">No messages yet. Say hello!</p>}
      {entries.map((entry) => (
        <Fragment key={entry.key}>
          {entry.startsDay && <p className="day">{dayName(entry.at, Date.now())}</p>}
          <MessageItem
            entry={entry}
            me={me.id}
            sender={isNamed(entry) ? nameOf(entry.senderId) : null}
            quoted={entry.quotedSenderId === null ? null : nameOf(entry.quotedSenderId)}
            choose={props.choose}
          />
        </Fragment>
      ))}
    </div>
  );
}
