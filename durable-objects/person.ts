import type { BucketMember } from "../lib/rpc/logic.ts";
import type { GroupId, UserId } from "../schema/wire/ids.ts";
import type { Channel } from "./channel.ts";

/**
 * What logic knows of somebody's being here. Only who is `registered` can take a further socket without asking;
 * `unknown` is after a call that failed or an object that was killed: routes may stand or not.
 */
export type Standing = "unknown" | "arriving" | "registered" | "departing";

/** Somebody this bucket holds sockets of, or has until lately. */
export class Person {
  readonly userId: UserId;
  standing: Standing;
  /** The groups whose lists this person's channels are linked into. */
  groupIds: Set<GroupId>;
  readonly channels = new Set<Channel>();
  /** When to tell that this person has gone (milliseconds); null with a socket here. */
  departsAt: number | null = null;
  /** Joined and left groups since logic was asked for the groups: what is told later than the question wins. */
  readonly #changes = new Map<GroupId, boolean>();

  constructor(userId: UserId, standing: Standing, groupIds: Iterable<GroupId> = []) {
    this.userId = userId;
    this.standing = standing;
    this.groupIds = new Set(groupIds);
  }

  /** The person has joined or left a group. */
  change(groupId: GroupId, joined: boolean): void {
    if (joined) this.groupIds.add(groupId);
    else this.groupIds.delete(groupId);
    if (this.standing === "arriving") this.#changes.set(groupId, joined);
  }

  /** Logic has registered the person and answered the groups. */
  register(groupIds: readonly GroupId[]): void {
    this.groupIds = new Set(groupIds);
    for (const [groupId, joined] of this.#changes) {
      if (joined) this.groupIds.add(groupId);
      else this.groupIds.delete(groupId);
    }
    this.#changes.clear();
    this.standing = "registered";
  }

  /** As logic sees it. */
  member(): BucketMember {
    return { userId: this.userId, groupIds: [...this.groupIds] };
  }
}
