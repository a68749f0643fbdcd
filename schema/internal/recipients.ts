import { z } from "zod";
import { GroupId, SessionId, UserId } from "../wire/ids.ts";

/** The recipients of an event: people by id, or all members of a group who are online. */
export const Recipients = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("users"), userIds: z.array(UserId) }),
  z.object({ kind: z.literal("group"), groupId: GroupId }),
]);
export type Recipients = z.infer<typeof Recipients>;

/**
 * A task of a bucket besides pushing: link a person's channels into a group's list, unlink them, or close the sockets of
 * an ended session. `offset` is the offset of the change in the group's topic: an owner whose lock on the topic has
 * lapsed may repeat an old change, which must not undo a newer one.
 */
export const Control = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("link"), userId: UserId, groupId: GroupId, offset: z.int() }),
  z.object({ kind: z.literal("unlink"), userId: UserId, groupId: GroupId, offset: z.int() }),
  z.object({ kind: z.literal("close"), userId: UserId, sessionId: SessionId }),
]);
export type Control = z.infer<typeof Control>;
