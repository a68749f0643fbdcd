import { z } from "zod";
import { InviteId, Timestamp } from "./ids.ts";
import { User } from "./user.ts";

/** A year. */
const MAX_SECONDS = 31_536_000;
const MAX_USES = 100_000;

/** The secret of an invite: 128 random bits. */
export const InviteToken = z
  .string()
  .regex(/^[\w-]{22}$/)
  .brand<"InviteToken">()
  .meta({ examples: ["q3Zl0c1yT5mV8x2NfJr7Wg"] });
export type InviteToken = z.infer<typeof InviteToken>;

/** A new invite: for how many seconds, and for how many people; left out, without an end. */
export const NewInvite = z
  .strictObject({
    expiresIn: z.int().min(1).max(MAX_SECONDS).optional(),
    maxUses: z.int().min(1).max(MAX_USES).optional(),
  })
  .meta({ id: "NewInvite" });
export type NewInvite = z.infer<typeof NewInvite>;

/** A link with which anybody may join a group; `expiresAt` and `maxUses` are there when it has such an end. */
export const Invite = z
  .object({
    id: InviteId,
    token: InviteToken,
    url: z.string(),
    expiresAt: Timestamp.optional(),
    maxUses: z.int().optional(),
    uses: z.int(),
  })
  .meta({ id: "Invite" });
export type Invite = z.infer<typeof Invite>;

/** Somebody who waits to be let into a group. */
export const JoinRequest = z.object({ user: User, createdAt: Timestamp }).meta({ id: "JoinRequest" });
export type JoinRequest = z.infer<typeof JoinRequest>;

/** The response to somebody who asked to join a group and has to be let in. */
export const Waiting = z.object({ status: z.literal("waiting") }).meta({ id: "Waiting" });
