import { z } from "zod";
import { ConversationId } from "./conversation-id.ts";
import { Role } from "./group.ts";
import { GroupId, Rev, Seq, Timestamp } from "./ids.ts";
import { Message } from "./message.ts";
import { Me, User } from "./user.ts";

/** A line of an export, in the order in which they come. */
export const ExportLine = z
  .discriminatedUnion("kind", [
    z.object({ kind: z.literal("profile"), user: Me, createdAt: Timestamp }),
    z.object({ kind: z.literal("friend"), user: User, since: Timestamp }),
    z.object({
      kind: z.literal("group"),
      group: z.object({ id: GroupId, name: z.string() }),
      role: Role,
      joinedAt: Timestamp,
    }),
    z.object({
      kind: z.literal("conversation"),
      conversation: z.object({
        id: ConversationId,
        lastSeq: Seq,
        rev: Rev,
        readSeq: Seq,
        peer: User.optional(),
      }),
    }),
    z.object({ kind: z.literal("message"), message: Message }),
  ])
  .meta({ id: "ExportLine" });
export type ExportLine = z.infer<typeof ExportLine>;
