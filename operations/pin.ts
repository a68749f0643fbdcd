import type { Database } from "../lib/database.ts";
import { refuse } from "../lib/rpc/outcome.ts";
import { type ConversationId, conversationParts } from "../schema/wire/conversation-id.ts";
import { MAX_PINS } from "../schema/wire/message.ts";
import type { Pin } from "../schema/wire/operation.ts";
import type { OperationKind } from "./kind.ts";
import { changeMessages, isLive, isStaff, loadMessages, messageEffects } from "./message-change.ts";

/** Pinning a message or unpinning it: both people of a direct conversation may, and a group's owner and admins. */
export const pin: OperationKind<Pin> = {
  async authorise({ database }, batch) {
    const [messages, pins] = await Promise.all([loadMessages(database, batch), countPins(database, batch)]);
    return batch.map((submission) => {
      const { conversation, on } = submission.frame;
      const message = messages.get(submission);
      if (message === undefined) return refuse("message_not_found");
      if (conversationParts(conversation).kind === "group" && !message.isStaff)
        return refuse("not_allowed", "Only a group's owner or admins may pin");
      if (!isLive(message)) return refuse("not_allowed", "This message cannot be pinned");
      const isFull = (pins.get(conversation) ?? 0) >= MAX_PINS;
      return on && !message.isPinned && isFull ? refuse("too_many_pins") : null;
    });
  },

  // Each pin changes how many further ones fit: those of one conversation are applied one after the other.
  changes: ({ conversation }) => conversation,

  apply: (run) =>
    changeMessages(run, {
      set: "pinned_at = CASE WHEN asked.value = 'true' THEN asked.accepted_at END",
      where: `messages.content->>'type' <> 'notice'
        AND (asked.value = 'true') = (messages.pinned_at IS NULL)
        AND (asked.value = 'false' OR ${pinsOf("asked.conversation")} < ${MAX_PINS})
        AND (asked.conversation LIKE 'dm:%' OR ${isStaff("asked.sender_id")})`,
      value: ({ on }) => on,
    }),

  push: (_, row) => messageEffects(row),
};

/** SQL: how many pins a conversation has. */
function pinsOf(conversation: string): string {
  return `(SELECT count(*) FROM messages AS pinned
    WHERE pinned.conversation = ${conversation} AND pinned.pinned_at IS NOT NULL)`;
}

/** How many pins some conversations have, in one statement. */
async function countPins(database: Database, batch: { frame: Pin }[]): Promise<Map<ConversationId, number>> {
  const asked = [...new Set(batch.map(({ frame }) => frame.conversation))];
  const rows = await database.$client.query(
    `SELECT place - 1 AS place, ${pinsOf("asked.id")}::int AS count
       FROM unnest($1::text[]) WITH ORDINALITY AS asked (id, place)`,
    [asked],
  );
  return new Map(
    rows.flatMap(({ place, count }) => {
      const conversation = asked[Number(place)];
      return conversation === undefined ? [] : [[conversation, Number(count)]];
    }),
  );
}
