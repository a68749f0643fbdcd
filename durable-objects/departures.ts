import type { BucketMember } from "../lib/rpc/logic.ts";
import type { GroupId } from "../schema/wire/ids.ts";
import type { Person } from "./person.ts";
import type { Roster } from "./roster.ts";

/** The most people who are told in one call to have gone. */
const MOST_PEOPLE = 1_000;

/** Who has gone, and the groups that nobody of this bucket is in any more. */
export type Departure = { people: Person[]; emptyGroupIds: GroupId[] };

/** When somebody is told to have gone; whole seconds, so that many who leave together are told together. */
export function departureTime(now: number, graceMs: number): number {
  return Math.ceil((now + graceMs) / 1_000) * 1_000;
}

/** The people whose grace time is over, and what becomes of their groups and of those left otherwise. */
export function dueDeparture(roster: Roster, leftGroupIds: Iterable<GroupId>, now: number): Departure {
  const people: Person[] = [];
  for (const person of roster.people()) {
    if (people.length === MOST_PEOPLE) break;
    if (isDue(person, now)) people.push(person);
  }
  const candidates = new Set([...leftGroupIds, ...people.flatMap(({ groupIds }) => [...groupIds])]);
  return { people, emptyGroupIds: withoutAnybody(roster, candidates, new Set(people)) };
}

/** The departure as logic sees it. */
export function departedMembers({ people }: Departure): BucketMember[] {
  return people.map((person) => person.member());
}

function isDue({ departsAt, standing }: Person, now: number): boolean {
  return departsAt !== null && departsAt <= now && standing !== "arriving";
}

function withoutAnybody(roster: Roster, candidates: Set<GroupId>, leaving: Set<Person>): GroupId[] {
  const empty = new Set([...candidates].filter((groupId) => roster.isGroupEmpty(groupId)));
  if (empty.size === 0) return [];
  // Somebody in their grace time has no channel in any list, and still comes back without asking for routes.
  for (const person of roster.people()) {
    if (person.channels.size > 0 || leaving.has(person)) continue;
    for (const groupId of person.groupIds) empty.delete(groupId);
  }
  return [...empty];
}
