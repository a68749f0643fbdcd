import { refuse } from "../lib/rpc/outcome.ts";
import type { Edit } from "../schema/wire/operation.ts";
import type { OperationKind } from "./kind.ts";
import { membersNamed, renewMentions } from "./mention.ts";
import { changeMessages, loadMessages, messageEffects } from "./message-change.ts";

/** Giving a message another text: its sender may, for a while. */
export const edit: OperationKind<Edit> = {
  async authorise({ database, limits }, batch) {
    const messages = await loadMessages(database, batch);
    const earliest = Date.now() - limits.EDIT_SECONDS * 1_000;
    return batch.map((submission) => {
      const message = messages.get(submission);
      if (message === undefined) return refuse("message_not_found");
      if (message.senderId !== submission.userId)
        return refuse("not_allowed", "Only the sender may edit a message");
      if (message.type !== "text") return refuse("not_allowed", "Only a text can be edited");
      if (submission.frame.mentions === "all" && !message.isStaff)
        return refuse("not_allowed", "Only a group's owner or admins may name all");
      return message.sentAt.getTime() < earliest ? refuse("too_late") : null;
    });
  },

  changes: ({ messageId }) => messageId,

  apply: (run) =>
    changeMessages(run, {
      set: `content = asked.value->'content', edited_at = asked.accepted_at,
        mentions = CASE WHEN asked.value ? 'mentions'
          THEN ${membersNamed("asked.conversation", "asked.value->'mentions'")} ELSE messages.mentions END`,
      where: "messages.sender_id = asked.sender_id AND messages.content->>'type' = 'text'",
      value: ({ content, mentions }) => ({ content, mentions }),
      also: renewMentions("changed"),
    }),

  push: (_, row) => messageEffects(row),
};
