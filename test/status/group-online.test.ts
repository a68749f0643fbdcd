import { describe, expect, it } from "vitest";
import type { Group, Member } from "../../schema/wire/group.ts";
import type { Page } from "../../schema/wire/page.ts";
import { Client } from "../harness/client.ts";
import { openClub } from "../harness/people.ts";
import type { Socket } from "../harness/socket.ts";
import { useSharedSystem } from "../harness/use-system.ts";

const system = useSharedSystem();

/** Waits until the newest `group.online` of a group on a socket has this count. */
async function expectCount(socket: Socket, group: Group, count: number): Promise<void> {
  const newest = () => socket.all("group.online").findLast(({ groupId }) => groupId === group.id)?.count;
  await expect.poll(newest, { timeout: 30_000 }).toBe(count);
}

/** The group, as the API returns it to a member. */
function online(client: Client, group: Group): Promise<number> {
  return client.do<Group>("GET", `/groups/${group.id}`).then(({ onlineCount }) => onlineCount);
}

describe("the online count of a group", () => {
  it("counts people, not sockets", async () => {
    const { owner, members, group } = await openClub(system().url, 2);
    const owners = await owner.connect();
    await expectCount(owners, group, 1);
    const [second, third] = members;
    if (second === undefined || third === undefined) throw new Error("expected two members");
    const seconds = await Promise.all([second.connect(), second.connect(), second.connect()]);
    await expectCount(owners, group, 2);
    const thirds = await third.connect();
    await expectCount(owners, group, 3);
    await expectCount(thirds, group, 3);
    expect(await online(third, group)).toBe(3);
    const { items } = await owner.do<Page<Member>>("GET", `/groups/${group.id}/members`);
    expect(items.map((member) => member.online)).toEqual([true, true, true]);

    await seconds[0]?.close();
    await thirds.close();
    await expectCount(owners, group, 2);
    await Promise.all(seconds.map((socket) => socket.close()));
    await expectCount(owners, group, 1);
    expect(Math.max(...owners.all("group.online").map(({ count }) => count))).toBe(3);
    expect(await online(owner, group)).toBe(1);
  });

  it("changes when a person who is online joins or leaves", async () => {
    const { owner, group } = await openClub(system().url, 0);
    const guest = await Client.register(system().url);
    const [owners, guests] = await Promise.all([owner.connect(), guest.connect()]);
    await expectCount(owners, group, 1);
    await guest.joinGroup(group);
    await expectCount(owners, group, 2);
    await expectCount(guests, group, 2);
    await guest.do("DELETE", `/groups/${group.id}/members/me`);
    await expectCount(owners, group, 1);
    expect(await online(owner, group)).toBe(1);
  });

  it("does not change when a person who is offline joins", async () => {
    const { owner, group } = await openClub(system().url, 0);
    const [away, here] = await Promise.all([Client.register(system().url), Client.register(system().url)]);
    const [owners] = await Promise.all([owner.connect(), here.connect()]);
    await away.joinGroup(group);
    await here.joinGroup(group);
    await expectCount(owners, group, 2);
    expect(owners.all("group.online").some(({ count }) => count > 2)).toBe(false);
    expect(await online(owner, group)).toBe(2);
  });
});
