import { z } from "zod";
import { GroupId, UserId } from "./ids.ts";

const PATTERN = /^(?:dm:([1-9][0-9]{0,18}):([1-9][0-9]{0,18})|group:([1-9][0-9]{0,18}))$/;

/** `dm:<lower user id>:<higher user id>` or `group:<group id>`. */
export const ConversationId = z
  .string()
  .refine((id) => isConversationId(id), "must be dm:<lower user id>:<higher user id> or group:<group id>")
  .brand<"ConversationId">()
  .meta({ pattern: PATTERN.source, examples: ["dm:7397154205618176:7397154209812480"] });
export type ConversationId = z.infer<typeof ConversationId>;

/** The content of a conversation's id: its two people, or its group. */
export type ConversationParts =
  | { kind: "dm"; users: readonly [UserId, UserId] }
  | { kind: "group"; groupId: GroupId };

/** The id of the direct conversation of two people; their order does not matter. */
export function directConversation(a: UserId, b: UserId): ConversationId {
  const [lower, higher] = BigInt(a) < BigInt(b) ? [a, b] : [b, a];
  return ConversationId.parse(`dm:${lower}:${higher}`);
}

/** The id of a group's conversation. */
export function groupConversation(groupId: GroupId): ConversationId {
  return ConversationId.parse(`group:${groupId}`);
}

/** Parses an id. Its parts were validated with the id, so they are not validated again. */
export function conversationParts(id: ConversationId): ConversationParts {
  if (id.startsWith("group:")) return { kind: "group", groupId: id.slice(6) as GroupId };
  const colon = id.indexOf(":", 3);
  return { kind: "dm", users: [id.slice(3, colon) as UserId, id.slice(colon + 1) as UserId] };
}

function isConversationId(id: string): boolean {
  const match = PATTERN.exec(id);
  if (match === null) return false;
  const [, lower, higher, group] = match;
  if (group !== undefined) return GroupId.safeParse(group).success;
  return (
    UserId.safeParse(lower).success &&
    UserId.safeParse(higher).success &&
    BigInt(lower ?? 0) < BigInt(higher ?? 0)
  );
}
