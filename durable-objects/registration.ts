import { Batcher } from "../lib/batcher.ts";
import type { Log } from "../lib/log.ts";
import type { LogicRpc } from "../lib/rpc/logic.ts";
import type { BucketAddress } from "../schema/internal/bucket-address.ts";
import type { GroupId } from "../schema/wire/ids.ts";
import type { AlarmClock } from "./alarm-clock.ts";
import type { Hub } from "./hub.ts";
import type { Mutex } from "./mutex.ts";
import type { People } from "./people.ts";
import type { Correction, Person } from "./person.ts";

/** The most people in one call about arrivals, and in one about departures. */
const MOST_ARRIVALS = 500;
const MOST_DEPARTURES = 1_000;
/** How often the lease is renewed; it lasts three times as long. */
const RENEW_MS = 30_000;
/** How soon the first lease gets its count of sockets, and how soon what failed is retried. */
const FIRST_RENEW_MS = 1_000;
const RETRY_MS = 5_000;

/** What registration works with, and what it calls. */
type Parts = {
  address: BucketAddress;
  logic: LogicRpc;
  hub: Hub;
  people: People;
  clock: AlarmClock;
  mutex: Mutex;
  log: Log;
  /** Somebody's routes are registered, and their groups known: the correction is what the bucket had otherwise. */
  arrived: (person: Person, correction: Correction) => void;
  /** Somebody could not be registered. */
  refused: (person: Person) => void;
  /** Routes had been lost and are registered again: something may have been missed meanwhile. */
  restored: () => void;
};

/**
 * Keeps logic informed of who is here: arrivals, departures, the lease. Its calls exclude each other, for each of them
 * is about the same routes: a departure that empties a group must not overtake an arrival that fills it.
 */
export class Registration {
  readonly #parts: Parts;
  readonly #arrivals: Batcher<Person, Person>;
  /** Groups that have nobody online here: the next departure removes the routes of those that nobody is in. */
  readonly #emptied = new Set<GroupId>();
  /** When the lease is due; never while nobody is here. */
  #renewAt = Number.POSITIVE_INFINITY;
  /** How many sockets the lease says there are. */
  #leasedSockets = 0;
  #mustRegister = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#arrivals = new Batcher(
      (people) => parts.mutex.run(() => this.#arrive(people)),
      (people, fault) => this.#arriveFailed(people, fault),
      { items: MOST_ARRIVALS, weight: MOST_ARRIVALS },
    );
  }

  /** The object has woken; the lease is due when the alarm was, which was set for it. */
  resume(now: number): void {
    if (!this.#parts.people.isEmpty) this.#renewAt = this.#parts.clock.at ?? now;
    this.#leasedSockets = this.#parts.hub.size;
    const due = this.nextDue();
    if (due !== null) this.#parts.clock.atMost(due);
  }

  /** Somebody has opened a socket. Returns true when they are registered already; else `arrived` or `refused` follows. */
  opened(person: Person, now: number): boolean {
    if (this.#leasedSockets === 0) this.#renewAt = Math.min(this.#renewAt, now + FIRST_RENEW_MS);
    this.#parts.clock.atMost(this.#renewAt);
    if (person.state === "registered") return true;
    if (person.state !== "arriving") {
      this.#parts.people.arriving(person);
      this.#arrivals.add(person, person, 1);
    }
    return false;
  }

  /**
   * Registers somebody's routes anew, and corrects their groups. For a group that nobody here was in before them: a
   * departure that is under way may remove its route.
   */
  confirm(person: Person): void {
    if (person.state === "registered") this.#arrivals.add(person, person, 1);
  }

  /** A group has nobody online here. */
  emptied(groupId: GroupId): void {
    this.#emptied.add(groupId);
  }

  /** Registers everything anew, when logic asks for it. */
  async register(): Promise<void> {
    if (this.#parts.people.isEmpty) return;
    await this.#parts.mutex.run(() => this.#register());
  }

  /** Does what is due; faults are logged, and the next alarm tries again. */
  async tend(now: number): Promise<void> {
    try {
      await this.#parts.mutex.run(() => this.#depart(now));
    } catch (fault) {
      this.#parts.log.error("depart failed", fault, { address: this.#parts.address });
    }
    try {
      await this.#parts.mutex.run(() => this.#renew(now));
    } catch (fault) {
      this.#parts.log.error("renew failed", fault, { address: this.#parts.address });
      this.#renewAt = now + RETRY_MS;
    }
  }

  /** When there is something to do next (milliseconds); null when there is nobody. */
  nextDue(): number | null {
    if (this.#parts.people.isEmpty) return null;
    let due = this.#renewAt;
    for (const { departsAt, state } of this.#parts.people) {
      if (departsAt !== null && state !== "arriving") due = Math.min(due, departsAt);
    }
    return due;
  }

  async #arrive(asked: Person[]): Promise<void> {
    // Somebody whose routes were to be confirmed may have departed meanwhile.
    const people = [...new Set(asked)].filter((person) => this.#parts.people.get(person.userId) === person);
    if (people.length === 0) return;
    const userIds = people.map(({ userId }) => userId);
    await this.#parts.people.ask(
      () => this.#parts.logic.buckets.arrive(this.#parts.address, userIds),
      (groups, settle) => {
        for (const [index, person] of people.entries()) {
          const groupIds = groups[index];
          if (groupIds === undefined) throw new Error("logic has not returned everybody's groups");
          this.#parts.arrived(person, this.#parts.people.registered(person, settle(person, groupIds)));
        }
      },
    );
  }

  #arriveFailed(people: Person[], fault: unknown): void {
    this.#parts.log.error("arrive failed", fault, { address: this.#parts.address, people: people.length });
    for (const person of people) {
      if (person.state === "arriving") {
        this.#parts.people.refused(person);
        this.#parts.refused(person);
      } else {
        this.#mustRegister = true;
      }
    }
  }

  async #depart(now: number): Promise<void> {
    const people = this.#dueDepartures(now);
    const emptyGroupIds = this.#groupsOfNobody(people);
    this.#emptied.clear();
    if (people.length === 0 && emptyGroupIds.length === 0) return;
    const members = people.map(({ userId, groupIds }) => ({ userId, groupIds: [...groupIds] }));
    this.#parts.people.departing(people);
    try {
      await this.#parts.logic.buckets.depart(this.#parts.address, members, emptyGroupIds);
    } catch (fault) {
      for (const person of people) this.#parts.people.stayed(person, now + RETRY_MS);
      for (const groupId of emptyGroupIds) this.#emptied.add(groupId);
      throw fault;
    }
    for (const person of people) this.#parts.people.gone(person);
  }

  #dueDepartures(now: number): Person[] {
    const due: Person[] = [];
    for (const person of this.#parts.people) {
      if (due.length === MOST_DEPARTURES) break;
      const { departsAt, state } = person;
      if (departsAt !== null && departsAt <= now && state !== "arriving") due.push(person);
    }
    return due;
  }

  /** The emptied groups, and those of people who leave, that nobody who stays is in. */
  #groupsOfNobody(leaving: Person[]): GroupId[] {
    const candidates = [...this.#emptied, ...leaving.flatMap(({ groupIds }) => [...groupIds])];
    const empty = new Set(candidates.filter((groupId) => this.#parts.hub.isGroupEmpty(groupId)));
    if (empty.size === 0) return [];
    const leavers = new Set(leaving);
    // Somebody in their grace time has no channel in any list, and may come back without a call.
    for (const person of this.#parts.people) {
      if (person.departsAt === null || leavers.has(person)) continue;
      for (const groupId of person.groupIds) empty.delete(groupId);
    }
    return [...empty];
  }

  async #renew(now: number): Promise<void> {
    if (this.#parts.people.isEmpty) {
      this.#renewAt = Number.POSITIVE_INFINITY;
      this.#leasedSockets = 0;
      await this.#parts.logic.buckets.release(this.#parts.address);
      return;
    }
    if (now < this.#renewAt) return;
    const sockets = this.#parts.hub.size;
    // Remembered until it is done: once the lease is there again, renewing alone would return that all is well.
    if (!(await this.#parts.logic.buckets.renew(this.#parts.address, sockets))) this.#mustRegister = true;
    this.#leasedSockets = sockets;
    if (this.#mustRegister) await this.#register();
    this.#renewAt = now + RENEW_MS;
  }

  async #register(): Promise<void> {
    const members = [...this.#parts.people]
      .filter(({ state }) => state === "registered")
      .map(({ userId, groupIds }) => ({ userId, groupIds: [...groupIds] }));
    await this.#parts.logic.buckets.register(this.#parts.address, members, this.#parts.hub.size);
    this.#mustRegister = false;
    this.#parts.log.info("registered", { address: this.#parts.address, people: members.length });
    this.#parts.restored();
  }
}
