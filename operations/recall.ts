import { refuse } from "../lib/rpc/outcome.ts";
import type { Recall } from "../schema/wire/operation.ts";
import type { OperationKind } from "./kind.ts";
import { renewMentions } from "./mention.ts";
import { changeMessages, isStaff, loadMessages, messageEffects } from "./message-change.ts";

/**
 * Deletes who had reacted. Nothing reads that of a recalled message, so what one message has over the bound may stay: the
 * drain does not wait for it.
 */
const UNREACT = `unreacted AS (
  DELETE FROM reactions WHERE ctid = ANY (ARRAY(
    SELECT found.ctid FROM changed CROSS JOIN LATERAL (
      SELECT ctid FROM reactions WHERE reactions.message_id = changed.id LIMIT 10000
    ) AS found
  ))
)`;

/** Taking a message back: its sender may, for a while; a group's owner and admins always may. A second recall changes nothing. */
export const recall: OperationKind<Recall> = {
  async authorise({ database, limits }, batch) {
    const messages = await loadMessages(database, batch);
    const earliest = Date.now() - limits.RECALL_SECONDS * 1_000;
    return batch.map((submission) => {
      const message = messages.get(submission);
      if (message === undefined) return refuse("message_not_found");
      if (message.type === "notice") return refuse("not_allowed", "A notice cannot be recalled");
      if (message.isStaff) return null;
      if (message.senderId !== submission.userId)
        return refuse("not_allowed", "Only the sender, and a group's owner or admins, may recall a message");
      return message.sentAt.getTime() < earliest ? refuse("too_late") : null;
    });
  },

  changes: ({ messageId }) => messageId,

  apply: (run) =>
    changeMessages(run, {
      set: `content = NULL, recalled_at = asked.accepted_at, reply_to = NULL, mentions = NULL, forward_of = NULL,
        reactions = NULL, pinned_at = NULL`,
      where: `messages.content->>'type' <> 'notice' AND (messages.sender_id = asked.sender_id OR ${isStaff("asked.sender_id")})`,
      also: `${UNREACT}, ${renewMentions("changed")}`,
    }),

  push: (_, row) => messageEffects(row),
};
