import { z } from "zod";
import { Conversation } from "./conversation.ts";
import { Role } from "./group.ts";
import { GroupId, Timestamp } from "./ids.ts";
import { Message } from "./message.ts";
import { Me, User } from "./user.ts";

/** A line of an export, in the order in which they come. */
export const ExportLine = z
  .discriminatedUnion("kind", [
    z.object({ kind: z.literal("profile"), user: Me, createdAt: Timestamp }),
    z.object({ kind: z.literal("session"), device: z.string(), createdAt: Timestamp, usedAt: Timestamp }),
    z.object({ kind: z.literal("friend"), user: User, since: Timestamp }),
    z.object({ kind: z.literal("block"), user: User, since: Timestamp }),
    z.object({
      kind: z.literal("group"),
      group: z.object({ id: GroupId, name: z.string() }),
      role: Role,
      joinedAt: Timestamp,
    }),
    z.object({
      kind: z.literal("conversation"),
      conversation: Conversation.pick({
        id: true,
        peer: true,
        firstSeq: true,
        lastSeq: true,
        rev: true,
        readSeq: true,
        mutedUntil: true,
        pinned: true,
        archived: true,
        draft: true,
      }),
    }),
    z.object({ kind: z.literal("message"), message: Message }),
  ])
  .meta({ id: "ExportLine" });
export type ExportLine = z.infer<typeof ExportLine>;
