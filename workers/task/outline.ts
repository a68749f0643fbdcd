import type { LoggedRecord } from "../../lib/message-log.ts";
import type { Control, Recipients } from "../../schema/internal/recipients.ts";
import type { Topic } from "../../schema/internal/topic.ts";
import { type ConversationId, conversationParts } from "../../schema/wire/conversation-id.ts";
import type { Message } from "../../schema/wire/message.ts";
import type { ServerEvent } from "../../schema/wire/socket.ts";
import { messageKey } from "./store.ts";

/** One thing to push, before it is known to which buckets; status has no topic that waits for it. */
export type Push = { topic: Topic | null; to: Recipients; events: string[]; control?: Control };

/**
 * What is to be pushed for some stored records, in their order. Each event is serialised here, once; neighbours for the
 * same people share a frame.
 */
export function outline(records: LoggedRecord[], messages: Map<string, Message>): Push[] {
  const pushes: Push[] = [];
  for (const { topic, record } of records) {
    if (record === null) continue;
    if (record.kind === "notice") {
      const events = record.event === undefined ? [] : [serialise(record.event)];
      const push = { topic, to: record.to, events };
      pushes.push(record.control === undefined ? push : { ...push, control: record.control });
      continue;
    }
    const message = messages.get(messageKey(record));
    if (message === undefined) continue;
    const to = conversationRecipients(message.conversation);
    const event = serialise({ ev: "message", message });
    const previous = pushes.at(-1);
    if (previous !== undefined && canShareFrame(previous, topic, to)) previous.events.push(event);
    else pushes.push({ topic, to, events: [event] });
  }
  return pushes;
}

/** Everybody a conversation's events go to. */
export function conversationRecipients(conversation: ConversationId): Recipients {
  const parts = conversationParts(conversation);
  return parts.kind === "group"
    ? { kind: "group", groupId: parts.groupId }
    : { kind: "users", userIds: [...parts.users] };
}

/** An event as it goes over the socket. */
export function serialise(event: ServerEvent): string {
  return JSON.stringify(event);
}

function canShareFrame(push: Push, topic: Topic, to: Recipients): boolean {
  return push.topic === topic && push.control === undefined && sameRecipients(push.to, to);
}

function sameRecipients(a: Recipients, b: Recipients): boolean {
  if (a.kind === "group") return b.kind === "group" && a.groupId === b.groupId;
  return (
    b.kind === "users" &&
    a.userIds.length === b.userIds.length &&
    a.userIds.every((userId, index) => userId === b.userIds[index])
  );
}
