import { describe, expect, it } from "vitest";
import { GroupId, UserId } from "../schema/wire/ids.ts";
import { BucketSettings } from "./bucket-settings.ts";
import { Hub } from "./hub.ts";
import { type MembershipControl, People, type StoredPeople } from "./people.ts";
import type { Person } from "./person.ts";

const userId = UserId.parse("7");
const one = GroupId.parse("1");
const two = GroupId.parse("2");
const three = GroupId.parse("3");

/** People of whom one is stored, registered with the first group. */
function people(): { people: People; person: Person } {
  const store: StoredPeople = {
    load: () => [{ userId, groupIds: new Set([one]), departsAt: 1, offsets: new Map() }],
    save: () => {},
    remove: () => {},
  };
  const people = new People(new Hub(), store, BucketSettings.parse({}));
  people.wake([], 0);
  const person = people.get(userId);
  if (person === undefined) throw new Error("the stored person is missing");
  people.registered(person, new Set([one]));
  return { people, person };
}

function control(kind: "link" | "unlink", groupId: GroupId, offset: number): MembershipControl {
  return { kind, userId, groupId, offset };
}

/** Asks for groups while `meanwhile` happens; logic returns what it had read before. */
async function ask(people: People, person: Person, returned: GroupId[], meanwhile: () => void) {
  await people.ask(
    async () => meanwhile(),
    (_, settle) => people.registered(person, settle(person, returned)),
  );
}

describe("somebody's groups", () => {
  it("are those that logic returns, with what has changed since it was asked", async () => {
    const { people: all, person } = people();
    await ask(all, person, [one, two], () => {
      all.apply(control("link", three, 1));
      all.apply(control("unlink", one, 2));
    });
    expect([...person.groupIds]).toEqual([two, three]);
  });

  it("keep nothing of a question that failed", async () => {
    const { people: all, person } = people();
    const failed = all.ask(
      async () => {
        all.apply(control("link", three, 1));
        throw new Error("away");
      },
      () => {},
    );
    await expect(failed).rejects.toThrow("away");
    all.apply(control("unlink", three, 2));
    await ask(all, person, [one], () => {});
    expect([...person.groupIds]).toEqual([one]);
  });

  it("keep what changes during one question out of the next one", async () => {
    const { people: all, person } = people();
    await ask(all, person, [one], () => all.apply(control("link", three, 1)));
    await ask(all, person, [one], () => {});
    expect([...person.groupIds]).toEqual([one]);
  });

  it("differ from the stored ones by what is gained and lost; only what is lost is corrected at once", () => {
    const { people: all, person } = people();
    expect(all.verified(person, new Set([two]))).toEqual({ gained: [two], lost: [one] });
    expect([...person.groupIds]).toEqual([]);
    expect(all.registered(person, new Set([two]))).toEqual({ gained: [two], lost: [] });
    expect([...person.groupIds]).toEqual([two]);
  });
});

describe("a control", () => {
  it("is stale when a later one of the same group was applied, also after the person has left", () => {
    const { people: all } = people();
    all.apply(control("link", two, 5));
    all.apply(control("unlink", two, 8));
    expect(all.isStale(control("link", two, 7))).toBe(true);
    expect(all.isStale(control("unlink", two, 8))).toBe(false);
    expect(all.isStale(control("link", two, 9))).toBe(false);
    expect(all.isStale(control("link", three, 7))).toBe(false);
  });

  it("that comes without an offset, as from the version before, is applied and not remembered", () => {
    const { people: all, person } = people();
    const { offset: _, ...old } = control("link", two, 5);
    all.apply(JSON.parse(JSON.stringify(old)));
    expect([...person.groupIds]).toEqual([one, two]);
    expect(person.offsets.size).toBe(0);
  });

  it("is remembered by its offset, of the latest 256 groups", () => {
    const { people: all, person } = people();
    for (let group = 1; group <= 300; group++)
      all.apply(control("unlink", GroupId.parse(String(group)), group));
    expect(person.offsets.size).toBe(256);
    expect(all.isStale(control("link", GroupId.parse("44"), 1))).toBe(false);
    expect(all.isStale(control("link", GroupId.parse("45"), 1))).toBe(true);
  });
});
