import { z } from "zod";
import type { Log } from "../lib/log.ts";
import type { BucketsRpc, VerifiedPerson } from "../lib/rpc/logic.ts";
import type { BucketAddress } from "../schema/internal/bucket-address.ts";
import { type SessionId, UserId } from "../schema/wire/ids.ts";
import type { Hub } from "./hub.ts";
import type { Mutex } from "./mutex.ts";
import type { People, Settle } from "./people.ts";
import type { Correction, Person } from "./person.ts";

/** The most people in one call: one an alarm, and the next alarm goes on where it stopped. */
const MOST_PEOPLE = 1_000;

const PROGRESS_KEY = "verification";

/** When the next round is due (milliseconds), and the last person of the current one. Stored: it grows, it does not change. */
const Progress = z.object({ dueAt: z.number(), after: UserId.nullable() });
type Progress = z.infer<typeof Progress>;

/** What verification works with, and what it calls. */
type Parts = {
  address: BucketAddress;
  logic: { readonly buckets: Pick<BucketsRpc, "verify"> };
  hub: Hub;
  people: People;
  mutex: Mutex;
  log: Log;
  storage: { get(key: string): unknown; put(key: string, value: Progress): void };
  everyMs: number;
  /** Somebody's groups were not the stored ones: those `lost` are unlinked; for those `gained` there may be no route. */
  corrected: (person: Person, correction: Correction) => void;
  /** A session has ended whose sockets are still here. */
  ended: (person: Person, sessionId: SessionId) => void;
};

/**
 * Compares now and then what the bucket holds with what is stored: the controls that keep both the same may have been
 * lost. It runs in the alarm that renews the lease, so that it wakes no bucket.
 */
export class Verification {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Verifies the next people when that is due; a fault is logged, and the next alarm tries again. */
  async tend(now: number): Promise<void> {
    const stored = Progress.safeParse(this.#parts.storage.get(PROGRESS_KEY));
    const { dueAt, after } = stored.data ?? { dueAt: now + this.#parts.everyMs, after: null };
    if (!stored.success) this.#save({ dueAt, after });
    if (now < dueAt) return;
    try {
      const people = await this.#parts.mutex.run(() => this.#verify(after));
      const last = people.length === MOST_PEOPLE ? people.at(-1) : undefined;
      this.#save(
        last === undefined
          ? { dueAt: now + this.#parts.everyMs, after: null }
          : { dueAt, after: last.userId },
      );
    } catch (fault) {
      this.#parts.log.error("verify failed", fault, { address: this.#parts.address });
    }
  }

  /** Verifies the people after one, in the order of their ids; returns them. */
  async #verify(after: UserId | null): Promise<Person[]> {
    const people = [...this.#parts.people]
      .filter(({ userId, state }) => state === "registered" && (after === null || userId > after))
      .sort((one, other) => (one.userId < other.userId ? -1 : 1))
      .slice(0, MOST_PEOPLE);
    if (people.length === 0) return people;
    const held = people.map(({ userId }) => ({ userId, sessionIds: this.#sessionsOf(userId) }));
    await this.#parts.people.ask(
      () => this.#parts.logic.buckets.verify(held),
      (verified, settle) => this.#repair(people, verified, settle),
    );
    return people;
  }

  #repair(people: Person[], verified: VerifiedPerson[], settle: Settle): void {
    const repairs = { gained: 0, lost: 0, sessions: 0 };
    for (const [index, person] of people.entries()) {
      const truth = verified[index];
      if (truth === undefined) throw new Error("logic has not verified everybody");
      const correction = this.#parts.people.verified(person, settle(person, truth.groupIds));
      if (correction.gained.length + correction.lost.length > 0) this.#parts.corrected(person, correction);
      for (const sessionId of truth.endedSessionIds) this.#parts.ended(person, sessionId);
      repairs.gained += correction.gained.length;
      repairs.lost += correction.lost.length;
      repairs.sessions += truth.endedSessionIds.length;
    }
    const { address, log } = this.#parts;
    if (repairs.gained + repairs.lost + repairs.sessions > 0) log.warn("repaired", { address, ...repairs });
  }

  #sessionsOf(userId: UserId): SessionId[] {
    return [...new Set([...this.#parts.hub.channelsOf(userId)].map(({ sessionId }) => sessionId))];
  }

  #save(progress: Progress): void {
    this.#parts.storage.put(PROGRESS_KEY, progress);
  }
}
