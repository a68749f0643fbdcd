import { useEffect, useRef, useState } from "react";
import type { UserId } from "../../../schema/wire/ids.ts";
import type { Message } from "../../../schema/wire/message.ts";
import { useClient } from "../app/client-context.tsx";
import { ConfirmButton } from "../parts/confirm-button.tsx";
import { hasReacted, REACTIONS, reactionsOf } from "./reactions.ts";
import type { Target } from "./target.ts";

/** What a person can do with a message: react, reply, and edit or recall what is theirs. Folded until it is wanted. */
export function MessageActions(props: {
  message: Message;
  me: UserId;
  /** Continues in the composer. */
  choose: (target: Target) => void;
}) {
  const { message, me, choose } = props;
  const client = useClient();
  const [isOpen, setOpen] = useState(false);
  const panel = useRef<HTMLDivElement>(null);
  // Those of the last message open below what is visible.
  useEffect(() => {
    if (isOpen) panel.current?.scrollIntoView({ block: "nearest" });
  }, [isOpen]);
  const isMine = message.senderId === me;
  const compose = (kind: Target["kind"]) => {
    choose({ kind, message });
    setOpen(false);
  };
  return (
    <>
      <button
        type="button"
        className="quiet message-more"
        aria-label="Actions"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        ⋯
      </button>
      {isOpen && (
        <div ref={panel} className="message-actions">
          {REACTIONS.map((emoji) => (
            <ReactionButton
              key={emoji}
              emoji={emoji}
              isMine={hasReacted(message, emoji, me)}
              label={`React with ${emoji}`}
              act={(on) => {
                client.react(message, emoji, on);
                setOpen(false);
              }}
            />
          ))}
          <button type="button" className="quiet" onClick={() => compose("reply")}>
            Reply
          </button>
          {isMine && message.content?.type === "text" && (
            <button type="button" className="quiet" onClick={() => compose("edit")}>
              Edit
            </button>
          )}
          {isMine && (
            <ConfirmButton
              label="Recall"
              question="Really recall?"
              disabled={false}
              act={() => client.recall(message)}
            />
          )}
        </div>
      )}
    </>
  );
}

/** The reactions to a message, with their counts; pressing one adds or takes away one's own. */
export function Reactions({ message, me, canReact }: { message: Message; me: UserId; canReact: boolean }) {
  const client = useClient();
  const reactions = reactionsOf(message, me);
  if (reactions.length === 0) return null;
  return (
    <ul className="reactions" aria-label="Reactions">
      {reactions.map(({ emoji, count, isMine }) => (
        <li key={emoji}>
          <ReactionButton
            emoji={emoji}
            count={count}
            isMine={isMine}
            label={`${emoji} ${count}`}
            disabled={!canReact}
            act={(on) => client.react(message, emoji, on)}
          />
        </li>
      ))}
    </ul>
  );
}

function ReactionButton(props: {
  emoji: string;
  count?: number;
  isMine: boolean;
  label: string;
  disabled?: boolean;
  act: (on: boolean) => void;
}) {
  return (
    <button
      type="button"
      className="quiet reaction"
      aria-label={props.label}
      aria-pressed={props.isMine}
      disabled={props.disabled}
      onClick={() => props.act(!props.isMine)}
    >
      {props.emoji}
      {props.count !== undefined && ` ${props.count}`}
    </button>
  );
}
