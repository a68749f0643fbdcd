import type { Control } from "../schema/internal/recipients.ts";
import type { GroupId, UserId } from "../schema/wire/ids.ts";
import type { BucketSettings } from "./bucket-settings.ts";
import type { Channel } from "./channel.ts";
import type { Hub } from "./hub.ts";
import { AccountLimits } from "./inbound-limits.ts";
import type { PeopleStore } from "./people-store.ts";
import { type Correction, HeldPerson, type Person } from "./person.ts";

/** Where people are stored. */
export type StoredPeople = Pick<PeopleStore, "load" | "save" | "remove">;

/** A control that changes who is in a group. */
export type MembershipControl = Extract<Control, { kind: "link" | "unlink" }>;

/** Returns the groups that logic has returned for somebody, with what has changed since logic was asked. */
export type Settle = (person: Person, groupIds: readonly GroupId[]) => Set<GroupId>;

/**
 * The people of a bucket. Each method is one transition: it keeps the person's state, the lists that the channels are
 * in, and the stored row together, and nothing else writes any of them.
 */
export class People {
  readonly #people = new Map<UserId, HeldPerson>();
  /** For each question to logic that is under way, the changes of membership since it was asked. */
  readonly #questions = new Set<Map<UserId, Map<GroupId, boolean>>>();
  readonly #hub: Hub;
  readonly #store: StoredPeople;
  readonly #settings: BucketSettings;

  constructor(hub: Hub, store: StoredPeople, settings: BucketSettings) {
    this.#hub = hub;
    this.#store = store;
    this.#settings = settings;
  }

  get isEmpty(): boolean {
    return this.#people.size === 0;
  }

  [Symbol.iterator](): IterableIterator<Person> {
    return this.#people.values();
  }

  get(userId: UserId): Person | undefined {
    return this.#people.get(userId);
  }

  /** The object has woken with these channels. Returns those of people who are not stored: they cannot go on. */
  wake(channels: readonly Channel[], now: number): Channel[] {
    for (const stored of this.#store.load()) {
      this.#people.set(stored.userId, new HeldPerson(stored, new AccountLimits(this.#settings, now)));
    }
    const strangers: Channel[] = [];
    for (const channel of channels) {
      const person = this.#people.get(channel.userId);
      if (person === undefined) {
        strangers.push(channel);
        continue;
      }
      person.state = "registered";
      person.departsAt = null;
      this.#hub.add(channel);
    }
    for (const person of this.#people.values()) {
      if (person.state === "registered") this.#link(person.userId, person.groupIds);
      else if (person.departsAt === null) this.#leave(person, now);
    }
    return strangers;
  }

  /** A socket has opened. With a registered person it is in all its lists at once; any other has to arrive. */
  open(channel: Channel, now: number): Person {
    const { userId } = channel;
    const person =
      this.#people.get(userId) ??
      new HeldPerson(
        { userId, groupIds: new Set(), departsAt: null, offsets: new Map() },
        new AccountLimits(this.#settings, now),
      );
    this.#people.set(userId, person);
    this.#hub.add(channel);
    const returns = person.departsAt !== null;
    person.departsAt = null;
    if (person.state === "registered") {
      this.#link(userId, person.groupIds);
      if (returns) this.#store.save(person);
    }
    return person;
  }

  /** A socket has closed. Returns when its person's departure is due; null while another socket is here. */
  close(channel: Channel, now: number): number | null {
    this.#hub.remove(channel);
    const person = this.#people.get(channel.userId);
    if (person === undefined || this.#hub.channelsOf(channel.userId).size > 0) return null;
    return this.#leave(person, now);
  }

  /** Somebody waits to be registered. Stored first: an object that is killed meanwhile still reports the departure. */
  arriving({ userId }: Person): void {
    this.#change(userId, { state: "arriving" });
  }

  /** Logic has registered somebody, with these groups. */
  registered({ userId }: Person, groupIds: Set<GroupId>): Correction {
    const person = this.#people.get(userId);
    if (person === undefined) return { gained: [], lost: [] };
    const correction = person.correction(groupIds);
    this.#link(userId, groupIds);
    this.#unlink(userId, correction.lost);
    this.#change(userId, { state: "registered", groupIds });
    return correction;
  }

  /** Logic could not register somebody. */
  refused({ userId }: Person): void {
    const person = this.#people.get(userId);
    if (person?.state === "arriving") person.state = "unknown";
  }

  /** A call to logic registers these people's departures. */
  departing(people: Iterable<Person>): void {
    for (const { userId } of people) {
      const person = this.#people.get(userId);
      if (person !== undefined) person.state = "departing";
    }
  }

  /** The call failed: the departure is due again at a time. Somebody who is back is arriving by now, and stays so. */
  stayed({ userId, state }: Person, departsAt: number): void {
    if (state === "departing") this.#change(userId, { state: "unknown", departsAt });
  }

  /** Logic has registered somebody's departure. Somebody who is back is arriving by now, and stays. */
  gone({ userId, state }: Person): void {
    if (state !== "departing") return;
    this.#people.delete(userId);
    this.#store.remove(userId);
  }

  /** Whether a later change of the same person in the same group has been applied. A repeat is not stale. */
  isStale({ userId, groupId, offset }: MembershipControl): boolean {
    return offset < (this.#people.get(userId)?.offsets.get(groupId) ?? offset);
  }

  /** Somebody has joined or left a group. */
  apply({ kind, userId, groupId, offset }: MembershipControl): void {
    const person = this.#people.get(userId);
    if (person === undefined) return;
    const joined = kind === "link";
    for (const changes of this.#questions) {
      const ofPerson = changes.get(userId) ?? new Map<GroupId, boolean>();
      changes.set(userId, ofPerson.set(groupId, joined));
    }
    person.change(groupId, joined, offset);
    if (joined) this.#link(userId, [groupId]);
    else this.#unlink(userId, [groupId]);
    this.#store.save(person);
  }

  /**
   * Compares somebody's groups with the stored ones. The person leaves at once what is not among them; what is missing
   * waits for the person's routes to be registered anew.
   */
  verified({ userId }: Person, groupIds: Set<GroupId>): Correction {
    const person = this.#people.get(userId);
    if (person?.state !== "registered") return { gained: [], lost: [] };
    const correction = person.correction(groupIds);
    if (correction.lost.length === 0) return correction;
    for (const groupId of correction.lost) person.groupIds.delete(groupId);
    this.#unlink(userId, correction.lost);
    this.#store.save(person);
    return correction;
  }

  /**
   * Asks logic for people's groups. A control that is applied before logic returns may be newer than what logic has
   * read, and wins; when the call fails, nothing of it is left.
   */
  async ask<Answer>(
    call: () => Promise<Answer>,
    apply: (answer: Answer, settle: Settle) => void,
  ): Promise<void> {
    const changes = new Map<UserId, Map<GroupId, boolean>>();
    this.#questions.add(changes);
    try {
      apply(await call(), ({ userId }, groupIds) => {
        const settled = new Set(groupIds);
        for (const [groupId, joined] of changes.get(userId) ?? []) {
          if (joined) settled.add(groupId);
          else settled.delete(groupId);
        }
        return settled;
      });
    } finally {
      this.#questions.delete(changes);
    }
  }

  #change(userId: UserId, change: Partial<Pick<HeldPerson, "state" | "groupIds" | "departsAt">>): void {
    const person = this.#people.get(userId);
    if (person !== undefined) this.#store.save(Object.assign(person, change));
  }

  /** The departure is due at a whole second, so that many who leave together depart in one call. */
  #leave(person: HeldPerson, now: number): number {
    person.departsAt = Math.ceil(now / 1_000 + this.#settings.GRACE_SECONDS) * 1_000;
    this.#store.save(person);
    return person.departsAt;
  }

  #link(userId: UserId, groupIds: Iterable<GroupId>): void {
    for (const channel of this.#hub.channelsOf(userId)) {
      for (const groupId of groupIds) this.#hub.link(channel, groupId);
    }
  }

  #unlink(userId: UserId, groupIds: Iterable<GroupId>): void {
    for (const channel of this.#hub.channelsOf(userId)) {
      for (const groupId of groupIds) this.#hub.unlink(channel, groupId);
    }
  }
}
