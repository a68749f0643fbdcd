import { refuse } from "../lib/rpc/outcome.ts";
import { messageJson } from "../lib/views/message.ts";
import { MAX_REACTIONS, SHOWN_REACTORS } from "../schema/wire/message.ts";
import type { React } from "../schema/wire/operation.ts";
import type { OperationKind } from "./kind.ts";
import { isLive, loadMessages, messageEffects } from "./message-change.ts";

/**
 * Applies reactions one by one: see `apply_reactions` in the migrations. A message that several of them name is returned
 * with the last of these alone, so that it is pushed once.
 */
const APPLY_REACTIONS = `
  SELECT asked.place - 1 AS place,
         CASE WHEN asked.place = max(asked.place) OVER (PARTITION BY reacted.id) THEN ${messageJson("reacted")} END AS message
    FROM unnest($2::bigint[]) WITH ORDINALITY AS asked (message_id, place)
    JOIN apply_reactions($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::boolean[], $7::timestamptz[],
                         ${MAX_REACTIONS}, ${SHOWN_REACTORS}) AS reacted ON reacted.id = asked.message_id`;

/** Putting an emoji onto a message, or taking one's own away: everybody who may write into the conversation may. */
export const react: OperationKind<React> = {
  async authorise({ database }, batch) {
    const messages = await loadMessages(database, batch);
    return batch.map((submission) => {
      const message = messages.get(submission);
      if (message === undefined) return refuse("message_not_found");
      if (!isLive(message)) return refuse("not_allowed", "One cannot react to this message");
      const { emoji, on } = submission.frame;
      const fits = message.emoji.includes(emoji) || message.emoji.length < MAX_REACTIONS;
      return on && !fits ? refuse("too_many_reactions") : null;
    });
  },

  // The statement takes any number of reactions to one message: a message that everybody likes needs no run for each.
  changes: () => null,

  apply: (run) => ({
    text: APPLY_REACTIONS,
    values: [
      run.map(({ operation }) => operation.conversation),
      run.map(({ operation }) => operation.messageId),
      run.map(({ senderId }) => senderId),
      run.map(({ operation }) => operation.clientId),
      run.map(({ operation }) => operation.emoji),
      run.map(({ operation }) => operation.on),
      run.map(({ acceptedAt }) => acceptedAt),
    ],
  }),

  push: (_, row) => messageEffects(row),
};
