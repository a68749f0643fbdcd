import { Batcher } from "../lib/batcher.ts";
import type { Log } from "../lib/log.ts";
import type { LogicRpc } from "../lib/rpc/logic.ts";
import type { BucketAddress } from "../schema/internal/bucket-address.ts";
import type { GroupId } from "../schema/wire/ids.ts";
import type { AlarmClock } from "./alarm-clock.ts";
import { departedMembers, departureTime, dueDeparture } from "./departures.ts";
import type { PeopleStore } from "./people-store.ts";
import type { Person } from "./person.ts";
import type { Roster } from "./roster.ts";
import { Turns } from "./turns.ts";

/** The most people whose arrival is told in one call. */
const MOST_ARRIVALS = 500;
/** How often the lease is renewed; it lasts three times as long. */
const RENEW_MS = 30_000;
/** When the first lease gets its count of sockets, and when what failed is tried again. */
const FIRST_RENEW_MS = 1_000;
const RETRY_MS = 5_000;

/** What a bucket does when its registration has changed. */
export type RegistrationEvents = {
  /** Somebody's routes stand, and their groups are known. */
  arrived(person: Person): void;
  /** Somebody could not be registered. */
  refused(person: Person): void;
  /** Routes had been lost and stand again: something may have been missed meanwhile. */
  restored(): void;
};

/**
 * Keeps logic knowing who is here: arrivals, departures, the lease. Its calls take turns, for each of them is about
 * the same routes: a departure that empties a group must not overtake an arrival that fills it.
 */
export class Registration {
  readonly #address: BucketAddress;
  readonly #logic: LogicRpc;
  readonly #roster: Roster;
  readonly #store: PeopleStore;
  readonly #clock: AlarmClock;
  readonly #events: RegistrationEvents;
  readonly #graceMs: number;
  readonly #log: Log;
  readonly #turns = new Turns();
  readonly #arrivals: Batcher<Person>;
  /** Groups whose last member here has left the group, or that were delivered to nobody: routes to take back. */
  readonly #leftGroupIds = new Set<GroupId>();
  /** When the lease is due; never while nobody is here. */
  #renewAt = Number.POSITIVE_INFINITY;
  /** How many sockets the lease says there are. */
  #toldSockets = 0;
  #mustRegister = false;

  constructor(parts: {
    address: BucketAddress;
    logic: LogicRpc;
    roster: Roster;
    store: PeopleStore;
    clock: AlarmClock;
    events: RegistrationEvents;
    graceMs: number;
    log: Log;
  }) {
    this.#address = parts.address;
    this.#logic = parts.logic;
    this.#roster = parts.roster;
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#events = parts.events;
    this.#graceMs = parts.graceMs;
    this.#log = parts.log;
    this.#arrivals = new Batcher(
      (people) => this.#arrive(people),
      (people, fault) => this.#refuse(people, fault),
      { items: MOST_ARRIVALS, weight: MOST_ARRIVALS, waiting: Number.POSITIVE_INFINITY, weigh: () => 1 },
    );
  }

  /** The object has woken; the lease is due when the alarm was, which was set for it. */
  resume(now: number): void {
    if (!this.#roster.isEmpty) this.#renewAt = this.#clock.at ?? now;
    this.#toldSockets = this.#roster.sockets;
    const due = this.nextDue();
    if (due !== null) this.#clock.atMost(due);
  }

  /** Somebody has a socket here. Answers true when their routes stand; otherwise `arrived` or `refused` follows. */
  came(person: Person, now: number): boolean {
    if (this.#toldSockets === 0) this.#renewAt = Math.min(this.#renewAt, now + FIRST_RENEW_MS);
    if (person.departsAt !== null) {
      person.departsAt = null;
      if (person.standing === "registered") this.#store.save(person);
    }
    this.#clock.atMost(this.#renewAt);
    if (person.standing === "registered") return true;
    if (person.standing !== "arriving") {
      person.standing = "arriving";
      this.#arrivals.add(person);
    }
    return false;
  }

  /** Somebody has no socket here any more; unless they come back in time, logic is told. */
  left(person: Person, now: number): void {
    person.departsAt = departureTime(now, this.#graceMs);
    this.#store.save(person);
    this.#clock.atMost(person.departsAt);
  }

  /** Somebody here has joined a group that has nobody else here: a departure may have taken its route away meanwhile. */
  confirm(person: Person): void {
    this.#turns
      .take(() => this.#logic.arrive(this.#address, [person.userId]))
      .catch((fault: unknown) => {
        this.#log.error("confirm failed", fault, { address: this.#address });
        this.#mustRegister = true;
      });
  }

  /** A group has nobody here; the next departure says so. */
  emptied(groupId: GroupId): void {
    this.#leftGroupIds.add(groupId);
  }

  /** Registers everything anew, when logic asks for it. */
  async register(): Promise<void> {
    if (this.#roster.isEmpty) return;
    await this.#turns.take(() => this.#register());
  }

  /** Does what is due; faults are logged and tried again at the next alarm. */
  async tend(now: number): Promise<void> {
    try {
      await this.#turns.take(() => this.#depart(now));
    } catch (fault) {
      this.#log.error("depart failed", fault, { address: this.#address });
    }
    try {
      await this.#turns.take(() => this.#renew(now));
    } catch (fault) {
      this.#log.error("renew failed", fault, { address: this.#address });
      this.#renewAt = now + RETRY_MS;
    }
  }

  /** When there is something to do next (milliseconds); null when there is nobody. */
  nextDue(): number | null {
    if (this.#roster.isEmpty) return null;
    let due = this.#renewAt;
    for (const { departsAt, standing } of this.#roster.people()) {
      if (departsAt !== null && standing !== "arriving") due = Math.min(due, departsAt);
    }
    return due;
  }

  async #arrive(people: Person[]): Promise<void> {
    // Written first: an object that is killed during the call must still tell that they have gone.
    for (const person of people) this.#store.save(person);
    const userIds = people.map(({ userId }) => userId);
    const groups = await this.#turns.take(() => this.#logic.arrive(this.#address, userIds));
    for (const [index, person] of people.entries()) {
      person.register(groups[index] ?? []);
      this.#store.save(person);
      this.#events.arrived(person);
    }
  }

  #refuse(people: Person[], fault: unknown): void {
    this.#log.error("arrive failed", fault, { address: this.#address, people: people.length });
    for (const person of people) {
      person.standing = "unknown";
      this.#events.refused(person);
    }
  }

  async #depart(now: number): Promise<void> {
    const departure = dueDeparture(this.#roster, this.#leftGroupIds, now);
    const { people, emptyGroupIds } = departure;
    this.#leftGroupIds.clear();
    if (people.length === 0 && emptyGroupIds.length === 0) return;
    for (const person of people) person.standing = "departing";
    try {
      await this.#logic.depart(this.#address, departedMembers(departure), emptyGroupIds);
    } catch (fault) {
      for (const person of people) this.#stay(person, now);
      for (const groupId of emptyGroupIds) this.#leftGroupIds.add(groupId);
      throw fault;
    }
    for (const person of people) {
      // Whoever has come back meanwhile is arriving now.
      if (person.standing !== "departing") continue;
      this.#roster.removePerson(person);
      this.#store.remove(person);
    }
  }

  #stay(person: Person, now: number): void {
    if (person.standing !== "departing") return;
    person.standing = "unknown";
    person.departsAt = now + RETRY_MS;
    this.#store.save(person);
  }

  async #renew(now: number): Promise<void> {
    if (this.#roster.isEmpty) {
      this.#renewAt = Number.POSITIVE_INFINITY;
      this.#toldSockets = 0;
      await this.#logic.release(this.#address);
      return;
    }
    if (now < this.#renewAt) return;
    const { sockets } = this.#roster;
    // Remembered until it is done: once the lease is there again, renewing alone would answer that all is well.
    if (!(await this.#logic.renew(this.#address, sockets))) this.#mustRegister = true;
    this.#toldSockets = sockets;
    if (this.#mustRegister) await this.#register();
    this.#renewAt = now + RENEW_MS;
  }

  async #register(): Promise<void> {
    const registered = [...this.#roster.people()].filter(({ standing }) => standing === "registered");
    await this.#logic.register(
      this.#address,
      registered.map((person) => person.member()),
      this.#roster.sockets,
    );
    this.#mustRegister = false;
    this.#log.info("registered", { address: this.#address, people: registered.length });
    this.#events.restored();
  }
}
