import { z } from "zod";
import { ConversationId } from "./conversation-id.ts";
import { GroupId, Timestamp, UserId } from "./ids.ts";
import { isStorable, UNSTORABLE } from "./text.ts";
import { User } from "./user.ts";

export const JoinPolicy = z.enum(["open", "approval", "invite"]);
export type JoinPolicy = z.infer<typeof JoinPolicy>;

export const Role = z.enum(["owner", "admin", "member"]);
export type Role = z.infer<typeof Role>;

/** Who may write into a group: all members, or its owner and admins only. */
export const Posting = z.enum(["all", "admins"]);
export type Posting = z.infer<typeof Posting>;

/** After how many days messages are removed. */
const RetentionDays = z.int().min(1).max(36_500);

const GroupName = z
  .string()
  .trim()
  .refine((name) => [...name].length >= 1 && [...name].length <= 64, "must have 1 to 64 characters")
  .refine(isStorable, UNSTORABLE);

const Description = z
  .string()
  .trim()
  .max(1_000)
  .refine((text) => [...text].length <= 500, "must have at most 500 characters")
  .refine(isStorable, UNSTORABLE);

/** A group as one person sees it; `role` is null for a person who is not a member. */
export const Group = z
  .object({
    id: GroupId,
    name: z.string(),
    description: z.string(),
    avatarUrl: z.string().nullable(),
    joinPolicy: JoinPolicy,
    posting: Posting,
    /** left out when the group has none of its own */
    retentionDays: RetentionDays.optional(),
    memberCount: z.int(),
    onlineCount: z.int(),
    role: Role.nullable(),
    conversation: ConversationId,
  })
  .meta({ id: "Group" });
export type Group = z.infer<typeof Group>;

/** A member of a group; `mutedUntil` is there while they may not write. */
export const Member = z
  .object({
    user: User,
    role: Role,
    online: z.boolean(),
    joinedAt: Timestamp,
    mutedUntil: Timestamp.optional(),
  })
  .meta({ id: "Member" });
export type Member = z.infer<typeof Member>;

/** What to change of a member; `mutedUntil` null, or a time that is over, ends a mute. */
export const MemberChange = z
  .strictObject({
    role: Role.optional(),
    mutedUntil: z.iso
      .datetime({ offset: true })
      .meta({ examples: ["2026-11-26T09:41:00.000Z"] })
      .nullable()
      .optional(),
  })
  .meta({ id: "MemberChange" });
export type MemberChange = z.infer<typeof MemberChange>;

export const NewMembers = z.object({ userIds: z.array(UserId).min(1).max(200) }).meta({ id: "NewMembers" });

export const NewGroup = z
  .object({
    name: GroupName,
    memberIds: z.array(UserId).max(200).optional(),
    joinPolicy: JoinPolicy.default("open"),
  })
  .meta({ id: "NewGroup" });
export type NewGroup = z.infer<typeof NewGroup>;

export const GroupChange = z
  .strictObject({
    name: GroupName.optional(),
    description: Description.optional(),
    joinPolicy: JoinPolicy.optional(),
    posting: Posting.optional(),
    retentionDays: RetentionDays.nullable().optional(),
  })
  .meta({ id: "GroupChange" });
export type GroupChange = z.infer<typeof GroupChange>;
