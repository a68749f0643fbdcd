import { afterEach, describe, expect, it } from "vitest";
import type { Friend } from "../../schema/wire/friend.ts";
import type { Group } from "../../schema/wire/group.ts";
import type { Health } from "../../schema/wire/health.ts";
import type { Page } from "../../schema/wire/page.ts";
import { Client, request } from "../harness/client.ts";
import { expectInOrder, expectSound } from "../harness/history.ts";
import { heard, numbered, openClub, twoFriends } from "../harness/people.ts";
import type { Socket } from "../harness/socket.ts";
import { useSystem } from "../harness/use-system.ts";

// One bucket a server: a person on both is in the same two buckets as everybody else who is.
const system = useSystem({
  env: { PASSWORD_COST: "1024", CONNECT_SERVERS: "north,south", BUCKETS_PER_SERVER: "1", GRACE_SECONDS: "1" },
});

const PATIENCE = { timeout: 40_000 };

const opened: Socket[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((socket) => socket.close()));
});

async function on(serverId: "north" | "south", client: Client): Promise<Socket> {
  const socket = await client.connectTo(serverId);
  opened.push(socket);
  return socket;
}

/** A socket on each server. */
function onBoth(client: Client): Promise<[Socket, Socket]> {
  return Promise.all([on("north", client), on("south", client)]);
}

/** The buckets that hold sockets, as health shows them. */
async function registered() {
  const { body } = await request<Health>(system().url, "GET", "/health");
  const buckets = body.connect.instances.filter((instance) => "bucket" in instance);
  return buckets.sort((one, other) => String(one.serverId).localeCompare(String(other.serverId)));
}

describe("two connect servers", () => {
  it("share people: a ticket is for one of them, the same for all devices of a person", async () => {
    const people = await Client.registerMany(system().url, 24);
    const placed = await Promise.all(
      people.map(async (client) => {
        const sockets = await Promise.all([client.connect(), client.connect()]);
        opened.push(...sockets);
        const ready = await Promise.all(sockets.map((socket) => socket.next("ready")));
        return ready.map(({ serverId }) => serverId);
      }),
    );
    for (const [first, second] of placed) expect(second).toBe(first);
    expect(new Set(placed.flat())).toEqual(new Set(["north", "south"]));
  });

  it("are both shown by health, with the sockets of their buckets", async () => {
    const client = await Client.register(system().url);
    await expect.poll(registered, PATIENCE).toEqual([]);
    await onBoth(client);
    await expect.poll(registered, PATIENCE).toEqual([
      { serverId: "north", bucket: 0, sockets: 1 },
      { serverId: "south", bucket: 0, sockets: 1 },
    ]);
  });
});

describe("somebody with a socket on each server", () => {
  it("gets every message once on each, in order, whichever of them it was sent on", async () => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    const group = await ada.createGroup("Two servers");
    await ben.joinGroup(group);
    const [[north, south], bens] = await Promise.all([onBoth(ada), on("north", ben)]);
    for (const place of [conversation, group.conversation]) {
      const said = new Map([
        [ada.user.id, numbered("ada", 20)],
        [ben.user.id, numbered("ben", 20)],
      ]);
      for (const text of said.get(ben.user.id) ?? []) bens.send(place, text);
      // One sender's order holds on one socket only: each text is accepted before the next one leaves on the other.
      for (const [turn, text] of numbered("ada", 20).entries()) {
        await (turn % 2 === 0 ? north : south).sendAccepted(place, text);
      }
      await Promise.all([north, south, bens].map((socket) => socket.messages(place, 40)));
      expectSound(await ben.wholeHistory(place));
      const history = await ben.history(place);
      expectInOrder(history, said);
      for (const socket of [north, south]) expect(heard(socket, place)).toEqual(history);
    }
  });

  it("stays online, and counts once, until both are gone", async () => {
    const { ada, ben } = await twoFriends(system().url);
    const group = await ben.createGroup("Counted once");
    await ada.joinGroup(group);
    await expect.poll(registered, PATIENCE).toEqual([]);
    const bens = await on("south", ben);
    const counts = () =>
      bens.all("group.online").flatMap((event) => (event.groupId === group.id ? [event.count] : []));
    await expect.poll(counts, PATIENCE).toEqual([1]);
    const [north, south] = await onBoth(ada);
    await bens.next("presence", ({ userId, online }) => userId === ada.user.id && online);
    await expect.poll(counts, PATIENCE).toEqual([1, 2]);

    await north.close();
    // The bucket is forgotten after the departure of the only person in it was registered.
    const servers = async () => (await registered()).map(({ serverId }) => serverId);
    await expect.poll(servers, PATIENCE).toEqual(["south"]);
    const [friend] = (await ben.do<Page<Friend>>("GET", "/friends")).items;
    expect(friend).toMatchObject({ user: { id: ada.user.id }, online: true });
    expect(await ben.do<Group>("GET", `/groups/${group.id}`)).toMatchObject({ onlineCount: 2 });

    const before = Date.now();
    await south.close();
    const gone = await bens.next("presence", ({ userId, online }) => userId === ada.user.id && !online);
    expect(Date.parse(gone.lastSeenAt ?? "")).toBeGreaterThanOrEqual(before);
    await expect.poll(counts, PATIENCE).toEqual([1, 2, 1]);
    expect(bens.all("presence").map(({ online }) => online)).toEqual([true, false]);
  });

  it("has both closed with 4001 when the session ends, and keeps those of other sessions", async () => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    const elsewhere = await ada.loginAgain();
    const [ended, kept] = await Promise.all([onBoth(ada), onBoth(elsewhere)]);
    await ada.do("POST", "/auth/logout");
    for (const socket of ended) expect(await socket.closed).toMatchObject({ code: 4001 });
    await ben.post(conversation, "still there?");
    await Promise.all(kept.map((socket) => socket.messages(conversation, 1)));
  });

  it("hears nothing of a group on either once they have left it", async () => {
    const { owner, members, group } = await openClub(system().url, 1);
    const [leaver] = members;
    if (leaver === undefined) throw new Error("nobody has joined");
    const [owners, leavers] = await Promise.all([onBoth(owner), onBoth(leaver)]);
    await owners[0].sendAccepted(group.conversation, "to all of us");
    await Promise.all(leavers.map((socket) => socket.messages(group.conversation, 1)));

    await leaver.do("DELETE", `/groups/${group.id}/members/me`);
    await Promise.all(
      leavers.map((socket) => socket.next("group.left", ({ groupId }) => groupId === group.id)),
    );
    await owners[1].sendAccepted(group.conversation, "among ourselves");
    await Promise.all(owners.map((socket) => socket.messages(group.conversation, 2)));
    // A bucket writes a group's message to all its sockets at once: what these had got of it comes before their pongs.
    await Promise.all(leavers.map((socket) => socket.ping()));
    for (const socket of leavers) expect(heard(socket, group.conversation)).toHaveLength(1);
  });
});
