import { memo } from "react";
import { useClient } from "../app/client-context.tsx";
import { clockTime } from "../parts/time.ts";
import type { Entry, MessageState } from "./entries.ts";

const STATE_TEXTS: Record<MessageState, string> = {
  pending: "Sending…",
  accepted: "Sent",
  stored: "",
  failed: "Not sent",
};

/** One message: a line for a notice, and else its sender in a group, its text, its time, and the state of an own one. */
export const MessageItem = memo(function MessageItem(props: {
  entry: Entry;
  isMine: boolean;
  /** The sender's name; null where it is not shown. */
  sender: string | null;
}) {
  const { entry, isMine, sender } = props;
  if (entry.isNotice) {
    return (
      <p className="notice" dir="auto">
        {isMine ? "You" : sender} {entry.text}
      </p>
    );
  }
  return (
    <article
      className="message"
      data-message-state={entry.state}
      data-mine={isMine}
      data-starts-run={entry.startsRun}
    >
      {sender !== null && !isMine && entry.startsRun && <p className="message-sender">{sender}</p>}
      <p className="message-text" dir="auto">
        {entry.text}
      </p>
      <p className="message-meta">
        {STATE_TEXTS[entry.state]}{" "}
        <time dateTime={new Date(entry.at).toISOString()}>{clockTime(entry.at)}</time>
      </p>
      {entry.state === "failed" && <Failure entry={entry} />}
    </article>
  );
}, isSame);

/** Each change of the conversation creates all entries anew; most are equal to those before. */
function isSame(
  a: { entry: Entry; sender: string | null },
  b: { entry: Entry; sender: string | null },
): boolean {
  const keys = Object.keys(a.entry) as (keyof Entry)[];
  return a.sender === b.sender && keys.every((key) => a.entry[key] === b.entry[key]);
}

function Failure({ entry }: { entry: Entry }) {
  const client = useClient();
  return (
    <div className="message-failure">
      {entry.problem !== null && <p>{entry.problem}</p>}
      <button type="button" onClick={() => client.retry(entry.clientId)}>
        Retry
      </button>
      <button type="button" className="quiet" onClick={() => client.discard(entry.clientId)}>
        Discard
      </button>
    </div>
  );
}
