import { z } from "zod";
import type { Topic } from "../schema/internal/topic.ts";
import { type ConversationId, conversationParts } from "../schema/wire/conversation-id.ts";
import type { GroupId, UserId } from "../schema/wire/ids.ts";
import { cityHash32 } from "./city-hash.ts";

/**
 * How the topics of the log are laid out: `object` for one topic per person and per group, or a number of topics over
 * which all people, and the same number over which all groups, are spread by CityHash32. Many brokers hold a few thousand
 * topics easily, and few hold one for each of a million people.
 */
export const TopicLayout = z.union([z.literal("object"), z.coerce.number().int().min(1).max(100_000)], {
  error: "must be object, or a number of topics from 1 to 100000",
});
export type TopicLayout = z.infer<typeof TopicLayout>;

/** Where the records of an object are in the log: all in one topic, so that they share its order and its lock. */
export type Place = {
  topic: Topic;
  /** Names the object in a topic of several. */
  key: string | undefined;
};

/**
 * The place of the object that has `own` as its own topic. Everything in front of the log names objects by their own
 * topics in any layout: the functions below, and the facts pending in Postgres, whose triggers know no layout.
 */
export function placeOf(own: Topic, layout: TopicLayout): Place {
  if (layout === "object") return { topic: own, key: undefined };
  const dot = own.indexOf(".");
  const share = cityHash32(own.slice(dot + 1)) % layout;
  return { topic: `${own.slice(0, dot)}.${share}` as Topic, key: own };
}

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
