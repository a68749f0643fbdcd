import type { ConversationId } from "../../../schema/wire/conversation-id.ts";
import { useStore } from "../app/client-context.tsx";
import { ConversationList } from "./conversation-list.tsx";
import { ConversationView } from "./conversation-view.tsx";

/** The conversations and the open one: side by side on a wide screen, one at a time on a phone. */
export function ChatsPage({ open }: { open: ConversationId | null }) {
  const conversation = useStore((state) => (open === null ? undefined : state.conversations.get(open)));
  const loaded = useStore((state) => state.loaded);
  return (
    <div className="chats">
      <ConversationList open={open} />
      {conversation !== undefined ? (
        <ConversationView key={conversation.id} conversation={conversation} />
      ) : (
        <p className="conversation-none">{emptyText(open !== null, loaded)}</p>
      )}
    </div>
  );
}

function emptyText(isOpen: boolean, loaded: boolean): string {
  if (!isOpen) return "Choose a conversation";
  return loaded ? "This conversation is not there any more" : "Loading…";
}
