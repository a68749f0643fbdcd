import type { InviteId } from "../../schema/wire/ids.ts";
import type { Invite } from "../../schema/wire/invite.ts";
import { InviteToken } from "../../schema/wire/invite.ts";

/** A stored invite. */
type InviteRow = {
  id: InviteId;
  token: string;
  expiresAt: Date | null;
  maxUses: number | null;
  uses: number;
};

/** An invite before it is known under which address clients reach the server. */
export type InviteView = Omit<Invite, "url">;

/** A stored invite as clients get it, without its URL. */
export function toInviteView({ id, token, expiresAt, maxUses, uses }: InviteRow): InviteView {
  return {
    id,
    token: InviteToken.parse(token),
    ...(expiresAt !== null && { expiresAt: expiresAt.toISOString() }),
    ...(maxUses !== null && { maxUses }),
    uses,
  };
}
