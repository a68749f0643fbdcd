import type { GroupId, UserId } from "../schema/wire/ids.ts";
import type { AccountLimits } from "./inbound-limits.ts";
import type { StoredPerson } from "./people-store.ts";

/** How many offsets of controls are remembered of a person: a late delivery is minutes late, not that many changes. */
const MOST_OFFSETS = 256;

/**
 * What logic has registered of somebody. Only somebody `registered` can take a further socket without a call;
 * `unknown` follows a call that failed or an object that was killed: there may be routes or none.
 */
export type PersonState = "unknown" | "arriving" | "registered" | "departing";

/** Somebody whose sockets the bucket holds, or has held until lately. Only `People` writes it. */
export interface Person extends StoredPerson {
  readonly state: PersonState;
  /** The groups whose lists the person's channels are linked into. */
  readonly groupIds: ReadonlySet<GroupId>;
  /** When the person's departure is due (milliseconds); null with a socket here. */
  readonly departsAt: number | null;
  /** What all the person's sockets may send together. */
  readonly limits: AccountLimits;
}

/** How somebody's groups differ from those that the bucket held. */
export type Correction = { gained: GroupId[]; lost: GroupId[] };

/** A person as `People` writes it. */
export class HeldPerson implements Person {
  readonly userId: UserId;
  readonly limits: AccountLimits;
  state: PersonState = "unknown";
  groupIds: Set<GroupId>;
  departsAt: number | null;
  readonly offsets: Map<GroupId, number>;

  constructor(stored: StoredPerson, limits: AccountLimits) {
    this.userId = stored.userId;
    this.groupIds = new Set(stored.groupIds);
    this.departsAt = stored.departsAt;
    this.offsets = new Map(stored.offsets);
    this.limits = limits;
  }

  /** The person has joined or left a group, at an offset of the group's topic. */
  change(groupId: GroupId, joined: boolean, offset: number): void {
    if (joined) this.groupIds.add(groupId);
    else this.groupIds.delete(groupId);
    // The version before this one sends controls without an offset.
    if (!Number.isInteger(offset)) return;
    // Remembered after an `unlink` too: a late `link` must not let the person back in. The latest goes to the end.
    this.offsets.delete(groupId);
    this.offsets.set(groupId, offset);
    const [oldest] = this.offsets.keys();
    if (this.offsets.size > MOST_OFFSETS && oldest !== undefined) this.offsets.delete(oldest);
  }

  /** What these groups have and lack that the person's do not. */
  correction(groupIds: ReadonlySet<GroupId>): Correction {
    return {
      gained: [...groupIds].filter((groupId) => !this.groupIds.has(groupId)),
      lost: [...this.groupIds].filter((groupId) => !groupIds.has(groupId)),
    };
  }
}
