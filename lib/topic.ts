import type { Topic } from "../schema/internal/topic.ts";
import { type ConversationId, conversationParts } from "../schema/wire/conversation-id.ts";
import type { GroupId, UserId } from "../schema/wire/ids.ts";
import { cityHash32 } from "./city-hash.ts";

/** The topic a conversation's operations go into; a direct one belongs to one of its two people, picked by its id. */
export function conversationTopic(conversation: ConversationId): Topic {
  const parts = conversationParts(conversation);
  if (parts.kind === "group") return groupTopic(parts.groupId);
  const [lower, higher] = parts.users;
  return userTopic(cityHash32(conversation) % 2 === 0 ? lower : higher);
}

/** A person's topic. */
export function userTopic(userId: UserId): Topic {
  return `user.${userId}` as Topic;
}

/** A group's topic. */
export function groupTopic(groupId: GroupId): Topic {
  return `group.${groupId}` as Topic;
}
