import { memo } from "react";
import type { UserId } from "../../../schema/wire/ids.ts";
import type { Message } from "../../../schema/wire/message.ts";
import { useClient } from "../app/client-context.tsx";
import type { Outgoing } from "../client/state.ts";
import { clockTime } from "../parts/time.ts";
import type { Entry, MessageState } from "./entries.ts";
import { MessageActions, Reactions } from "./message-actions.tsx";
import { MessageContent } from "./message-content.tsx";
import type { Target } from "./target.ts";

const STATE_TEXTS: Record<MessageState, string> = {
  pending: "Sending…",
  accepted: "Sent",
  stored: "",
  failed: "Not sent",
};

type Props = {
  entry: Entry;
  me: UserId;
  /** The sender's name; null where it is not shown. */
  sender: string | null;
  /** The name of who wrote the message that it replies to; null when it replies to none. */
  quoted: string | null;
  /** Replies to the message or edits it in the composer; null where the person may not write. Stays the same. */
  choose: ((target: Target) => void) | null;
};

/** One message: a line for a notice, and else its sender in a group, its content, its time, and what one can do with it. */
export const MessageItem = memo(function MessageItem({ entry, me, sender, quoted, choose }: Props) {
  const isMine = entry.senderId === me;
  const { message, unfinished } = entry;
  if (entry.isNotice) {
    return (
      <p className="notice" dir="auto">
        {isMine ? "You" : sender} {entry.text}
      </p>
    );
  }
  const canChange = choose !== null && message !== null && message.content !== null;
  return (
    <article
      className="message"
      data-message-state={entry.state}
      data-mine={isMine}
      data-starts-run={entry.startsRun}
    >
      {sender !== null && !isMine && entry.startsRun && <p className="message-sender">{sender}</p>}
      {quoted !== null && (
        <blockquote className="message-quote" dir="auto">
          <cite>{quoted}</cite> {entry.quotedText}
        </blockquote>
      )}
      <MessageContent content={entry.content} text={entry.text} />
      {message !== null && <Reactions message={message} me={me} canReact={choose !== null} />}
      <div className="message-foot">
        <p className="message-meta">
          {[...marksOf(message), stateText(entry)].filter((mark) => mark !== "").join(" · ")}{" "}
          <time dateTime={new Date(entry.at).toISOString()}>{clockTime(entry.at)}</time>
        </p>
        {canChange && <MessageActions message={message} me={me} choose={choose} />}
      </div>
      {unfinished?.state === "failed" && <Failure outgoing={unfinished} />}
    </article>
  );
}, isSame);

function marksOf(message: Message | null): string[] {
  return [
    message?.pinned === true ? "Pinned" : "",
    message?.forwardOf !== undefined ? "Forwarded" : "",
    message?.editedAt !== undefined && message.content !== null ? "edited" : "",
  ];
}

/** The progress of a message, or of a change of it. */
function stateText({ state, unfinished }: Entry): string {
  if (state !== "stored" || unfinished === null) return STATE_TEXTS[state];
  return unfinished.state === "failed" ? "Not changed" : "Changing…";
}

/** Each change of the conversation creates all entries anew; most are equal to those before. */
function isSame(a: Props, b: Props): boolean {
  const keys = Object.keys(a.entry) as (keyof Entry)[];
  return (
    a.sender === b.sender &&
    a.quoted === b.quoted &&
    a.choose === b.choose &&
    keys.every((key) => a.entry[key] === b.entry[key])
  );
}

function Failure({ outgoing: { operation, problem } }: { outgoing: Outgoing }) {
  const client = useClient();
  return (
    <div className="message-failure">
      {problem !== null && <p>{problem}</p>}
      <button type="button" onClick={() => client.retry(operation.clientId)}>
        Retry
      </button>
      <button type="button" className="quiet" onClick={() => client.discard(operation.clientId)}>
        Discard
      </button>
    </div>
  );
}
