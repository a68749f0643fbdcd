import { expect, it } from "vitest";
import { Log } from "../lib/log.ts";
import type { HeldPerson } from "../lib/rpc/logic.ts";
import { bucketAddress } from "../schema/internal/bucket-address.ts";
import { UserId } from "../schema/wire/ids.ts";
import { BucketSettings } from "./bucket-settings.ts";
import { Hub } from "./hub.ts";
import { Mutex } from "./mutex.ts";
import { People } from "./people.ts";
import { Verification } from "./verification.ts";

/** So many people, all registered. */
function peopleOf(hub: Hub, count: number): People {
  const userIds = Array.from({ length: count }, (_, index) => UserId.parse(String(index + 1)));
  const load = () =>
    userIds.map((userId) => ({ userId, groupIds: new Set<never>(), departsAt: 1, offsets: new Map() }));
  const people = new People(hub, { load, save: () => {}, remove: () => {} }, BucketSettings.parse({}));
  people.wake([], 0);
  for (const person of people) people.registered(person, new Set());
  return people;
}

it("verification asks about 1,000 people an alarm, goes on where it stopped, and rests after a round", async () => {
  const hub = new Hub();
  const stored = new Map<string, unknown>([["verification", { dueAt: 0, after: null }]]);
  const calls: HeldPerson[][] = [];
  const verification = new Verification({
    address: bucketAddress("local", 1),
    logic: {
      buckets: {
        verify: async (held) => {
          calls.push(held);
          return held.map(() => ({ groupIds: [], endedSessionIds: [] }));
        },
      },
    },
    hub,
    people: peopleOf(hub, 2_500),
    mutex: new Mutex(),
    log: new Log("connect", { LOG_LEVEL: "error" }),
    storage: { get: (key) => stored.get(key), put: (key, value) => stored.set(key, value) },
    everyMs: 300_000,
    corrected: () => {},
    ended: () => {},
  });
  for (let alarm = 0; alarm < 5; alarm++) await verification.tend(alarm * 30_000);
  expect(calls.map(({ length }) => length)).toEqual([1_000, 1_000, 500]);
  expect(new Set(calls.flat().map(({ userId }) => userId)).size).toBe(2_500);
  await verification.tend(2 * 30_000 + 300_000);
  expect(calls).toHaveLength(4);
});
