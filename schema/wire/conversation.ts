import { z } from "zod";
import { ConversationId } from "./conversation-id.ts";
import { Group } from "./group.ts";
import { MAX_COUNT, MessageId, Rev, Seq, Timestamp, UserId } from "./ids.ts";
import { Message } from "./message.ts";
import { PageQuery, page } from "./page.ts";
import { isStorable, UNSTORABLE } from "./text.ts";
import { User } from "./user.ts";

/** A conversation as one of its members sees it. */
export const Conversation = z
  .object({
    id: ConversationId,
    kind: z.enum(["dm", "group"]),
    peer: User.optional(),
    group: Group.optional(),
    /** the seq of the first message that has not been removed for its age; `lastSeq` + 1 when all have */
    firstSeq: Seq,
    lastSeq: Seq,
    rev: Rev,
    readSeq: Seq,
    unread: z.int(),
    /** how many of the unread messages name the caller, 1,000 at most */
    mentioned: z.int(),
    /** the first message of others after `readSeq`; left out when there is none */
    firstUnreadSeq: Seq.optional(),
    lastMessage: z.union([Message, z.null()]),
    /** what the member has set for the conversation; left out when it is not set */
    mutedUntil: Timestamp.optional(),
    pinned: z.literal(true).optional(),
    archived: z.literal(true).optional(),
    draft: z.string().optional(),
  })
  .meta({ id: "Conversation" });
export type Conversation = z.infer<typeof Conversation>;

/** Changes what a member has set for a conversation: null clears, and fields that are left out do not change. */
export const ConversationChange = z
  .strictObject({
    mutedUntil: z.iso
      .datetime({ offset: true })
      .transform((time) => new Date(time).toISOString())
      .refine((time) => time >= "0001" && time < "9999", "must be between the years 1 and 9998")
      .nullable()
      .optional(),
    pinned: z.boolean().nullable().optional(),
    archived: z.boolean().nullable().optional(),
    draft: z
      .string()
      .max(16_000)
      .refine((text) => [...text].length <= 8_000, "must have at most 8,000 characters")
      .refine(isStorable, UNSTORABLE)
      .nullable()
      .optional(),
  })
  .meta({ id: "ConversationChange" });
export type ConversationChange = z.infer<typeof ConversationChange>;

/** A seq in a query string. */
const seqParameter = z.coerce.number().int().min(0).max(MAX_COUNT).brand<"Seq">().meta({ type: "integer" });

/** The part of a history to return: `before` and `after` are exclusive seqs; without both, the newest messages. */
export const HistoryQuery = PageQuery.extend({
  before: seqParameter.optional(),
  after: seqParameter.optional(),
});
export type HistoryQuery = z.infer<typeof HistoryQuery>;

/** A part of a history, and where the whole begins. */
export const History = page(Message).extend({ firstSeq: Seq }).meta({ id: "History" });
export type History = z.infer<typeof History>;

export const ReadMark = z.object({ seq: Seq }).meta({ id: "ReadMark" });

/** The most members of a conversation whose reading is shown to the others. */
export const MAX_READERS = 200;

/** How far the members of a conversation have read; without items when there are too many. */
export const Reads = z
  .object({ count: z.int(), items: z.array(z.object({ userId: UserId, readSeq: Seq })) })
  .meta({ id: "Reads" });
export type Reads = z.infer<typeof Reads>;

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
 * rev of the conversation, or that of the last message here when `more` is true. Messages before `firstSeq` have been
 * removed for their age: a device removes them, too.
 */
export const SyncResponse = z
  .object({
    conversations: z.array(
      z.object({
        id: ConversationId,
        firstSeq: Seq,
        lastSeq: Seq,
        rev: Rev,
        readSeq: Seq,
        messages: z.array(Message),
        /** messages that the caller has hidden, and that this device may not know of; left out when there are none */
        hidden: z.array(MessageId).optional(),
        more: z.boolean(),
      }),
    ),
    more: z.boolean(),
  })
  .meta({ id: "SyncResponse" });
export type SyncResponse = z.infer<typeof SyncResponse>;
