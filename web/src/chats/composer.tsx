import { type KeyboardEvent, type SubmitEvent, useId, useState } from "react";
import type { ConversationId } from "../../../schema/wire/conversation-id.ts";
import { useClient } from "../app/client-context.tsx";

/** The protocol's limit of a text, in characters. */
const TEXT_LENGTH = 8_000;

/** Writes a message: Enter sends, Shift and Enter begin a new line. */
export function Composer({ conversation }: { conversation: ConversationId }) {
  const client = useClient();
  const inputId = useId();
  const [text, setText] = useState(client.drafts.get(conversation) ?? "");
  const write = (words: string) => {
    client.drafts.set(conversation, words);
    setText(words);
  };
  const isSendable = text.trim() !== "" && [...text].length <= TEXT_LENGTH;
  const send = () => {
    if (!isSendable) return;
    client.send(conversation, text.trim());
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
    <form className="composer" onSubmit={submitted}>
      <label htmlFor={inputId} className="visually-hidden">
        Message
      </label>
      <textarea
        id={inputId}
        rows={1}
        dir="auto"
        value={text}
        placeholder="Write a message"
        onChange={(event) => write(event.target.value)}
        onKeyDown={pressed}
      />
      <button type="submit" className="primary" disabled={!isSendable}>
        Send
      </button>
    </form>
  );
}
