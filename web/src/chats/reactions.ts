import type { UserId } from "../../../schema/wire/ids.ts";
import type { Message } from "../../../schema/wire/message.ts";

/** The emoji to react with. Others, from other clients, are shown and can be joined. */
export const REACTIONS = ["👍", "❤️", "😂", "😮", "😢", "🎉"];

/** One emoji on a message; `isMine` when this person has reacted with it. */
export type ShownReaction = { emoji: string; count: number; isMine: boolean };

/** The reactions that a message has. Of a very popular one the server names only the first people: one's own may be unknown. */
export function reactionsOf({ reactions = [] }: Message, me: UserId): ShownReaction[] {
  return reactions.map(({ emoji, count, userIds }) => ({ emoji, count, isMine: userIds.includes(me) }));
}

/** Whether this person has reacted to a message with an emoji. */
export function hasReacted(message: Message, emoji: string, me: UserId): boolean {
  return reactionsOf(message, me).some((reaction) => reaction.emoji === emoji && reaction.isMine);
}
