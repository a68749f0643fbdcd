import { z } from "zod";
import { ConversationId } from "./conversation-id.ts";
import { Group } from "./group.ts";
import { MAX_COUNT, Rev, Seq } from "./ids.ts";
import { Message } from "./message.ts";
import { PageQuery } from "./page.ts";
import { isStorable, UNSTORABLE } from "./text.ts";
import { User } from "./user.ts";

/** A conversation as one of its members sees it. */
export const Conversation = z
  .object({
    id: ConversationId,
    kind: z.enum(["dm", "group"]),
    peer: User.optional(),
    group: Group.optional(),
    lastSeq: Seq,
    rev: Rev,
    readSeq: Seq,
    unread: z.int(),
    /** how many of the unread messages name the caller, 1,000 at most */
    mentioned: z.int(),
    lastMessage: z.union([Message, z.null()]),
  })
  .meta({ id: "Conversation" });
export type Conversation = z.infer<typeof Conversation>;

/** A seq in a query string. */
const seqParameter = z.coerce.number().int().min(0).max(MAX_COUNT).brand<"Seq">().meta({ type: "integer" });

/** The part of a history to return: `before` and `after` are exclusive seqs; without both, the newest messages. */
export const HistoryQuery = PageQuery.extend({
  before: seqParameter.optional(),
  after: seqParameter.optional(),
});
export type HistoryQuery = z.infer<typeof HistoryQuery>;

export const ReadMark = z.object({ seq: Seq }).meta({ id: "ReadMark" });

/** The rev that a device has of each conversation; `others` is what to return of conversations that it does not name. */
export const SyncRequest = z
  .object({
    conversations: z
      .record(z.string().max(64).refine(isStorable, UNSTORABLE), Rev)
      .refine((known) => Object.keys(known).length <= 10_000, "may name at most 10,000 conversations"),
    others: z.literal("latest").optional(),
  })
  .meta({ id: "SyncRequest" });
export type SyncRequest = z.infer<typeof SyncRequest>;

/**
 * The changes since then. `rev` of a conversation is the device's rev after it has stored these messages: the current
 * rev of the conversation, or that of the last message here when `more` is true.
 */
export const SyncAnswer = z
  .object({
    conversations: z.array(
      z.object({
        id: ConversationId,
        lastSeq: Seq,
        rev: Rev,
        readSeq: Seq,
        messages: z.array(Message),
        more: z.boolean(),
      }),
    ),
    more: z.boolean(),
  })
  .meta({ id: "SyncAnswer" });
export type SyncAnswer = z.infer<typeof SyncAnswer>;
