import { and, asc, desc, eq, gt, lt, sql } from "drizzle-orm";
import type { Database } from "../../lib/database.ts";
import { messageColumn } from "../../lib/views/message.ts";
import { conversations, members } from "../../schema/tables/conversations.ts";
import { messages } from "../../schema/tables/messages.ts";
import type { ConversationId } from "../../schema/wire/conversation-id.ts";
import type { UserId } from "../../schema/wire/ids.ts";
import { isShownTo } from "./hide-message.ts";
import type { HistoryRange } from "./history-range.ts";

/**
 * The messages of a range that a person sees, in its direction: a row each, with the first seq of the conversation. One row
 * without a message when there are none; no row when the person is not in the conversation.
 */
export function readHistory(
  database: Database,
  userId: UserId,
  conversation: ConversationId,
  range: HistoryRange,
  limit: number,
) {
  const found = database
    .select({ seq: messages.seq, message: messageColumn().as("message") })
    .from(messages)
    .where(
      and(
        eq(messages.conversation, conversation),
        range.after === undefined ? undefined : gt(messages.seq, range.after),
        range.before === undefined ? undefined : lt(messages.seq, range.before),
        isShownTo(userId),
      ),
    )
    .orderBy(range.forward ? asc(messages.seq) : desc(messages.seq))
    .limit(limit)
    .as("found");
  return database
    .select({ message: found.message, firstSeq: conversations.firstSeq })
    .from(members)
    .innerJoin(conversations, eq(conversations.id, members.conversation))
    .leftJoinLateral(found, sql`true`)
    .where(and(eq(members.conversation, conversation), eq(members.userId, userId)))
    .orderBy(range.forward ? asc(found.seq) : desc(found.seq));
}
