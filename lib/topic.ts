import type { Topic } from "../schema/internal/topic.ts";
import { type ConversationId, conversationParts } from "../schema/wire/conversation-id.ts";
import type { GroupId, UserId } from "../schema/wire/ids.ts";
import { cityHash32 } from "./city-hash.ts";

/**
 * The topic of a conversation's operations. For a direct conversation it is the topic of one of its two people, chosen
 * by a hash of the conversation's id.
 */
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
