import { refuse } from "../lib/rpc/outcome.ts";
import { messageJson } from "../lib/views/message.ts";
import { MAX_REACTIONS, SHOWN_REACTORS } from "../schema/wire/message.ts";
import type { React } from "../schema/wire/operation.ts";
import type { OperationKind } from "./kind.ts";
import { isLive, loadMessages, messageEffects } from "./message-change.ts";

/**
 * Applies reactions one by one: see `apply_reactions` in the migrations. A message is returned once, so that it is pushed
 * once, when it has changed or when an operation on it was applied before; and the messages of a conversation are returned
 * in the order of their revs. What is read beside the function is as it was before.
 */
const APPLY_REACTIONS = `
  WITH reacted AS MATERIALIZED (
    SELECT * FROM apply_reactions($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::boolean[], $7::timestamptz[],
                                  ${MAX_REACTIONS}, ${SHOWN_REACTORS})
  ), asked AS (
    SELECT one.place, one.message_id, applied.is_repeated
      FROM unnest($2::bigint[], $3::bigint[], $4::text[])
           WITH ORDINALITY AS one (message_id, sender_id, client_id, place)
      LEFT JOIN LATERAL (
        SELECT true AS is_repeated FROM applied_operations AS applied
         WHERE applied.sender_id = one.sender_id AND applied.client_id = one.client_id LIMIT 1
      ) AS applied ON true
  ), told AS (
    SELECT reacted.id, reacted.conversation, max(asked.place) AS place,
           row_number() OVER (PARTITION BY reacted.conversation ORDER BY reacted.rev) AS turn,
           row_number() OVER (PARTITION BY reacted.conversation ORDER BY max(asked.place)) AS slot
      FROM asked JOIN reacted ON reacted.id = asked.message_id
     CROSS JOIN LATERAL (SELECT rev FROM messages WHERE messages.id = reacted.id LIMIT 1) AS before
     GROUP BY reacted.id, reacted.conversation, reacted.rev, before.rev
    HAVING reacted.rev > before.rev OR bool_or(asked.is_repeated)
  )
  SELECT asked.place - 1 AS place, CASE WHEN reacted.id IS NOT NULL THEN ${messageJson("reacted")} END AS message
    FROM asked
    JOIN reacted AS named ON named.id = asked.message_id
    LEFT JOIN told AS slots ON slots.place = asked.place
    LEFT JOIN told AS turns ON turns.conversation = slots.conversation AND turns.turn = slots.slot
    LEFT JOIN reacted ON reacted.id = turns.id`;

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
