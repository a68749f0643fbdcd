import { z } from "zod";
import { ConversationId } from "./conversation-id.ts";
import { FriendRequestId, Timestamp, UserId } from "./ids.ts";
import { isStorable, UNSTORABLE } from "./text.ts";
import { User } from "./user.ts";

export const Friend = z
  .object({
    user: User,
    online: z.boolean(),
    lastSeenAt: Timestamp.nullable(),
    conversation: ConversationId,
  })
  .meta({ id: "Friend" });
export type Friend = z.infer<typeof Friend>;

export const FriendRequest = z
  .object({ id: FriendRequestId, from: User, to: User, note: z.string().nullable(), createdAt: Timestamp })
  .meta({ id: "FriendRequest" });
export type FriendRequest = z.infer<typeof FriendRequest>;

export const NewFriendRequest = z
  .object({ userId: UserId, note: z.string().trim().max(200).refine(isStorable, UNSTORABLE).optional() })
  .meta({ id: "NewFriendRequest" });
export type NewFriendRequest = z.infer<typeof NewFriendRequest>;

export const Direction = z.enum(["incoming", "outgoing"]);
export type Direction = z.infer<typeof Direction>;
