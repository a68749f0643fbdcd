import { z } from "zod";
import { ConversationId } from "./conversation-id.ts";
import { GroupId, Timestamp, UserId } from "./ids.ts";
import { isStorable, UNSTORABLE } from "./text.ts";
import { User } from "./user.ts";

export const JoinPolicy = z.enum(["open", "approval", "invite"]);
export type JoinPolicy = z.infer<typeof JoinPolicy>;

export const Role = z.enum(["owner", "admin", "member"]);
export type Role = z.infer<typeof Role>;

/** A group as one person sees it; `role` is null for a person who is not a member. */
export const Group = z
  .object({
    id: GroupId,
    name: z.string(),
    avatarUrl: z.string().nullable(),
    joinPolicy: JoinPolicy,
    memberCount: z.int(),
    onlineCount: z.int(),
    role: Role.nullable(),
    conversation: ConversationId,
  })
  .meta({ id: "Group" });
export type Group = z.infer<typeof Group>;

export const Member = z
  .object({ user: User, role: Role, online: z.boolean(), joinedAt: Timestamp })
  .meta({ id: "Member" });
export type Member = z.infer<typeof Member>;

export const NewGroup = z
  .object({
    name: z
      .string()
      .trim()
      .refine((name) => [...name].length >= 1 && [...name].length <= 64, "must have 1 to 64 characters")
      .refine(isStorable, UNSTORABLE),
    memberIds: z.array(UserId).max(200).optional(),
    joinPolicy: JoinPolicy.default("open"),
  })
  .meta({ id: "NewGroup" });
export type NewGroup = z.infer<typeof NewGroup>;
