import { describe, expect, it } from "vitest";
import { type Group, GroupChange } from "../../schema/wire/group.ts";
import { Client } from "../harness/client.ts";
import { openClub } from "../harness/people.ts";
import { useSharedSystem } from "../harness/use-system.ts";
import { expectProblem } from "./problem.ts";
import { refusalOf } from "./writing.ts";

const system = useSharedSystem();

/** A club with one member beside the owner. */
async function pairClub() {
  const { owner, members, group } = await openClub(system().url, 1);
  const [member] = members;
  if (member === undefined) throw new Error("nobody has joined");
  return { owner, member, group };
}

describe("changing a group", () => {
  it("shows the change to everybody, each with their own role", async () => {
    const { owner, member, group } = await pairClub();
    const [owners, members] = await Promise.all([owner.connect(), member.connect()]);
    const change = { name: " Sailors ", description: "We sail.", joinPolicy: "approval" };
    const shown = { id: group.id, name: "Sailors", description: "We sail.", joinPolicy: "approval" };
    expect(await owner.do("PATCH", `/groups/${group.id}`, change)).toMatchObject({
      ...shown,
      posting: "all",
      role: "owner",
      memberCount: 2,
    });
    await members.next("group.updated", (event) => event.group.name === "Sailors");
    expect(members.all("group.updated").at(-1)?.group).toMatchObject({ ...shown, role: "member" });
    await owners.next(
      "group.updated",
      (event) => event.group.name === "Sailors" && event.group.role === "owner",
    );
    expect(await member.do("GET", `/groups/${group.id}`)).toMatchObject(shown);
    const found = await member.do<{ items: Group[] }>("GET", "/groups?query=sailors&limit=200");
    expect(found.items.map(({ id }) => id)).toContain(group.id);
    expect(await owner.do("PATCH", `/groups/${group.id}`, {})).toMatchObject(shown);
    await Promise.all([owners.close(), members.close()]);
  });

  it("is refused to members and strangers, and not found where it may not be seen", async () => {
    const { owner, member, group } = await pairClub();
    const stranger = await Client.register(system().url);
    const path = `/groups/${group.id}`;
    expectProblem(await member.ask("PATCH", path, { name: "Mine" }), "not_allowed");
    expectProblem(await stranger.ask("PATCH", path, { name: "Mine" }), "not_allowed");
    await owner.do("PATCH", path, { joinPolicy: "invite" });
    expectProblem(await stranger.ask("PATCH", path, { name: "Mine" }), "group_not_found");
    expectProblem(await owner.ask("PATCH", "/groups/1", { name: "Mine" }), "group_not_found");
  });

  it("is refused with invalid values", async () => {
    const { owner, group } = await pairClub();
    const long = "🚣".repeat(501);
    const bad = [{ name: " " }, { description: long }, { posting: "some" }, { joinPolicy: "" }, { owner: 1 }];
    for (const change of bad) {
      expect(GroupChange.safeParse(change).success).toBe(false);
      expectProblem(await owner.ask("PATCH", `/groups/${group.id}`, change), "invalid_request");
    }
    const longest = { description: "🚣".repeat(500) };
    expect(await owner.do("PATCH", `/groups/${group.id}`, longest)).toMatchObject(longest);
  });
});

describe("posting for admins only", () => {
  it("refuses what members write from the moment it is set, and not after it is taken back", async () => {
    const { owner, member, group } = await pairClub();
    expect(await refusalOf(member, group)).toBeNull();
    await owner.do("PATCH", `/groups/${group.id}`, { posting: "admins" });
    expect(await refusalOf(member, group)).toBe("not_allowed");
    expect(await refusalOf(owner, group)).toBeNull();
    const newcomer = await Client.register(system().url);
    await newcomer.joinGroup(group);
    expect(await refusalOf(newcomer, group)).toBe("not_allowed");

    const socket = await member.connect();
    const clientId = socket.send(group.conversation, "hello");
    const { problem } = await socket.next("rejected", (event) => event.clientId === clientId);
    expect(problem.code).toBe("not_allowed");
    await socket.close();

    await owner.do("PATCH", `/groups/${group.id}`, { posting: "all" });
    expect(await refusalOf(member, group)).toBeNull();
    expect(await refusalOf(newcomer, group)).toBeNull();
  });

  it("allows a member to write who becomes the owner", async () => {
    const { owner, member, group } = await pairClub();
    await owner.do("PATCH", `/groups/${group.id}`, { posting: "admins" });
    expect(await refusalOf(member, group)).toBe("not_allowed");
    await owner.do("DELETE", `/groups/${group.id}/members/me`);
    await expect.poll(() => refusalOf(member, group)).toBeNull();
  });
});
