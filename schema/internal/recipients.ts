import { z } from "zod";
import { GroupId, SessionId, UserId } from "../wire/ids.ts";

/** Who gets something: people by id, or everybody of a group who is online. */
export const Recipients = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("users"), userIds: z.array(UserId) }),
  z.object({ kind: z.literal("group"), groupId: GroupId }),
]);
export type Recipients = z.infer<typeof Recipients>;

/**
 * What a bucket must do beside pushing: link a person's channels into a group's list or out of it, or close the sockets
 * of a session that has ended. `offset` is the place of the change in the group's topic: a late owner of the topic's
 * lock may repeat an old change, which must not undo a newer one.
 */
export const Control = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("link"), userId: UserId, groupId: GroupId, offset: z.int() }),
  z.object({ kind: z.literal("unlink"), userId: UserId, groupId: GroupId, offset: z.int() }),
  z.object({ kind: z.literal("close"), userId: UserId, sessionId: SessionId }),
]);
export type Control = z.infer<typeof Control>;
