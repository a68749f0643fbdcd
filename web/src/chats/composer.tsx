import {
  type ClipboardEvent,
  type KeyboardEvent,
  type SubmitEvent,
  useEffect,
  useId,
  useRef,
  useState,
} from "react";
import type { ConversationId } from "../../../schema/wire/conversation-id.ts";
import type { Message } from "../../../schema/wire/message.ts";
import { useClient, useStore } from "../app/client-context.tsx";
import { useAction } from "../app/use-action.ts";
import { PickImage } from "../parts/pick-image.tsx";
import { ProblemNote } from "../parts/problem-note.tsx";
import { pastedImage } from "./pasted-image.ts";
import { quoteFrom } from "./quote.ts";
import type { Target } from "./target.ts";

/** The protocol's limit of a text, in characters. */
const TEXT_LENGTH = 8_000;

/** Writes a message: Enter sends, Shift and Enter begin a new line. Also replies to a message, or edits one. */
export function Composer(props: {
  conversation: ConversationId;
  target: Target | null;
  /** What the composer was about is written, or given up. */
  done: () => void;
}) {
  const { conversation, target, done } = props;
  const client = useClient();
  const edited = target?.kind === "edit" ? target.message : null;
  const repliedTo = target?.kind === "reply" ? target.message : null;
  const image = useAction(async (picked: Blob) => {
    done();
    await client.sendImage(conversation, picked, repliedTo);
  });
  const pasted = (event: ClipboardEvent) => {
    const picked = pastedImage(event.clipboardData);
    if (picked === undefined || edited !== null || image.pending) return;
    event.preventDefault();
    image.run(picked);
  };
  const escaped = (event: KeyboardEvent) => {
    if (event.key === "Escape" && !event.nativeEvent.isComposing) done();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape is a short cut; the same button is there.
    <div className="composer" onPaste={pasted} onKeyDown={escaped}>
      {target !== null && <TargetNote target={target} cancel={done} />}
      <ProblemNote problem={image.problem} />
      <div className="composer-line">
        {edited === null && (
          <PickImage
            label={image.pending ? "Uploading…" : "Image"}
            disabled={image.pending}
            pick={image.run}
          />
        )}
        {/* An edit and the draft are different texts. */}
        {edited === null ? (
          <TextForm
            key="draft"
            initial={client.drafts.get(conversation) ?? ""}
            focuses={repliedTo}
            action="Send"
            changed={(text) => client.drafts.set(conversation, text)}
            submit={(text) => {
              client.send(conversation, text, repliedTo);
              done();
            }}
          />
        ) : (
          <TextForm
            key={edited.id}
            initial={edited.content?.type === "text" ? edited.content.text : ""}
            focuses={edited}
            action="Save"
            submit={(text) => {
              client.edit(edited, text);
              done();
            }}
          />
        )}
      </div>
    </div>
  );
}

/** The message that the composer is about. */
function TargetNote({ target: { kind, message }, cancel }: { target: Target; cancel: () => void }) {
  const { quotedSenderId, quotedText } = quoteFrom(message);
  const isMine = useStore((state) => state.me.id === quotedSenderId);
  const name = useStore((state) => state.people.get(quotedSenderId)?.displayName ?? "…");
  const what = kind === "edit" ? "Editing" : `Replying to ${isMine ? "yourself" : name}`;
  return (
    <div className="composer-target">
      <p dir="auto">
        <strong>{what}</strong> {quotedText}
      </p>
      <button type="button" className="quiet" onClick={cancel}>
        Cancel
      </button>
    </div>
  );
}

function TextForm(props: {
  initial: string;
  /** The text is focused when this becomes another message. */
  focuses: Message | null;
  action: string;
  changed?: (text: string) => void;
  submit: (text: string) => void;
}) {
  const { focuses } = props;
  const inputId = useId();
  const input = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(props.initial);
  useEffect(() => {
    if (focuses !== null) input.current?.focus();
  }, [focuses]);
  const write = (words: string) => {
    props.changed?.(words);
    setText(words);
  };
  const isSendable = text.trim() !== "" && [...text].length <= TEXT_LENGTH;
  const send = () => {
    if (!isSendable) return;
    props.submit(text.trim());
    write("");
  };
  const pressed = (event: KeyboardEvent) => {
    // While an input method composes, Enter accepts its suggestion.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  const submitted = (event: SubmitEvent) => {
    event.preventDefault();
    send();
  };
  return (
    <form className="composer-form" onSubmit={submitted}>
      <label htmlFor={inputId} className="visually-hidden">
        Message
      </label>
      <textarea
        ref={input}
        id={inputId}
        rows={1}
        dir="auto"
        value={text}
        placeholder="Write a message"
        onChange={(event) => write(event.target.value)}
        onKeyDown={pressed}
      />
      <button type="submit" className="primary" disabled={!isSendable}>
        {props.action}
      </button>
    </form>
  );
}
