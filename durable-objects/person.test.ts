import { describe, expect, it } from "vitest";
import { GroupId, UserId } from "../schema/wire/ids.ts";
import { Person } from "./person.ts";

const [one, two, three] = ["1", "2", "3"].map((id) => GroupId.parse(id)) as [GroupId, GroupId, GroupId];

describe("a person", () => {
  it("who joins and leaves while arriving is in the groups that the changes say, not the stale answer", () => {
    const person = new Person(UserId.parse("7"), "arriving");
    person.change(three, true);
    person.change(one, false);
    person.register([one, two]);
    expect(person.standing).toBe("registered");
    expect(person.member()).toEqual({ userId: "7", groupIds: [two, three] });
  });

  it("takes changes at once when registered, and a later answer as it is", () => {
    const person = new Person(UserId.parse("7"), "registered", [one]);
    person.change(two, true);
    person.change(one, false);
    expect([...person.groupIds]).toEqual([two]);
    person.standing = "arriving";
    person.register([one]);
    expect([...person.groupIds]).toEqual([one]);
  });
});
