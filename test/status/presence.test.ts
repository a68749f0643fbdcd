import { describe, expect, it } from "vitest";
import type { Friend } from "../../schema/wire/friend.ts";
import type { Health } from "../../schema/wire/health.ts";
import type { Page } from "../../schema/wire/page.ts";
import { Client, request } from "../harness/client.ts";
import { textOf, twoFriends } from "../harness/people.ts";
import { useSystem } from "../harness/use-system.ts";

const system = useSystem({ env: { PASSWORD_COST: "1024", GRACE_SECONDS: "3" } });

/** A person's only friend. */
async function onlyFriend(client: Client): Promise<Friend | undefined> {
  return (await client.do<Page<Friend>>("GET", "/friends")).items[0];
}

describe("health", () => {
  it("lists each bucket that has sockets with their number, and removes it with the last socket", async () => {
    const client = await Client.register(system().url);
    const sockets = await Promise.all([client.connect(), client.connect()]);
    const { serverId, bucket } = await sockets[0].next("ready");
    const registered = async () => {
      const { body } = await request<Health>(system().url, "GET", "/health");
      return body.connect.instances.filter((instance) => "bucket" in instance);
    };
    await expect.poll(registered, { timeout: 40_000 }).toEqual([{ serverId, bucket, sockets: 2 }]);
    await Promise.all(sockets.map((socket) => socket.close()));
    await expect.poll(registered, { timeout: 40_000 }).toEqual([]);
  });
});

describe("presence", () => {
  it("is sent when a friend connects, and when their last socket has been closed for the grace time", async () => {
    const { ada, ben } = await twoFriends(system().url);
    const adas = await ada.connect();
    expect(await onlyFriend(ada)).toMatchObject({ online: false });
    const [first, second] = await Promise.all([ben.connect(), ben.connect()]);
    expect(await adas.next("presence", ({ online }) => online)).toMatchObject({ userId: ben.user.id });
    expect(await onlyFriend(ada)).toMatchObject({ online: true });

    await first.close();
    const before = Date.now();
    await second.close();
    const gone = await adas.next("presence", ({ online }) => !online);
    expect(gone.userId).toBe(ben.user.id);
    expect(Date.parse(gone.lastSeenAt ?? "")).toBeGreaterThanOrEqual(before);
    expect(Date.parse(gone.lastSeenAt ?? "")).toBeLessThanOrEqual(Date.now());
    expect(await onlyFriend(ada)).toMatchObject({ online: false, lastSeenAt: gone.lastSeenAt });
    expect(adas.all("presence").map(({ online }) => online)).toEqual([true, false]);
  });

  it("is not sent when a friend reconnects within the grace time", async () => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    const adas = await ada.connect();
    const first = await ben.connect();
    await adas.next("presence", ({ online }) => online);
    await first.close();
    const second = await ben.connect();
    await ben.post(conversation, "reloaded");
    await second.messages(conversation, 1);

    // An event about the reload would arrive before that about the later departure.
    await second.close();
    await adas.next("presence", ({ online }) => !online);
    expect(adas.all("presence").map(({ online }) => online)).toEqual([true, false]);
  });

  it("is sent to friends only, and not to former friends", async () => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    const stranger = await Client.register(system().url);
    const [adas, strangers] = await Promise.all([ada.connect(), stranger.connect()]);
    const bens = await ben.connect();
    await adas.next("presence", ({ userId }) => userId === ben.user.id);
    await ada.do("DELETE", `/friends/${ben.user.id}`);
    await bens.next("friend.removed");
    await bens.close();

    const witness = await Client.register(system().url);
    await witness.befriend(ada);
    await witness.befriend(stranger);
    const witnesses = await witness.connect();
    for (const socket of [adas, strangers]) {
      await socket.next("presence", ({ userId, online }) => userId === witness.user.id && online);
    }
    await witnesses.close();
    for (const socket of [adas, strangers]) {
      await socket.next("presence", ({ userId, online }) => userId === witness.user.id && !online);
    }
    const toldOf = (socket: typeof adas) => socket.all("presence").map(({ userId }) => userId);
    expect(toldOf(adas).filter((userId) => userId === ben.user.id)).toHaveLength(1);
    expect(toldOf(strangers)).not.toContain(ben.user.id);
    expect((await ben.history(conversation)).map(textOf)).toEqual([]);
  });

  it.each(["the one who goes", "the one who stays"])(
    "does not say when, if %s lets nobody see when they were last seen",
    async (who) => {
      const { ada, ben } = await twoFriends(system().url);
      const adas = await ada.connect();
      const leave = async () => {
        await (await ben.connect()).close();
        const count = adas.all("presence").filter(({ online }) => !online).length;
        await expect
          .poll(() => adas.all("presence").filter(({ online }) => !online).length, { timeout: 20_000 })
          .toBe(count + 1);
        return adas.all("presence").at(-1);
      };
      expect((await leave())?.lastSeenAt).toEqual(expect.any(String));
      const discreet = who === "the one who goes" ? ben : ada;
      await discreet.do("PATCH", "/users/me", { lastSeen: "nobody" });
      expect(await discreet.do("GET", "/users/me")).toMatchObject({ lastSeen: "nobody" });
      expect((await onlyFriend(ada))?.lastSeenAt).toBeNull();
      expect(await leave()).toMatchObject({ userId: ben.user.id, lastSeenAt: null });
      expect((await onlyFriend(ada))?.lastSeenAt).toBeNull();
      await discreet.do("PATCH", "/users/me", { lastSeen: "friends" });
      expect((await onlyFriend(ada))?.lastSeenAt).toEqual(expect.any(String));
      await adas.close();
    },
  );

  it("is part of a new friendship", async () => {
    const [ada, ben] = await Promise.all([Client.register(system().url), Client.register(system().url)]);
    const [adas, bens] = await Promise.all([ada.connect(), ben.connect()]);
    await ada.befriend(ben);
    expect((await adas.next("friend.added")).friend).toMatchObject({
      user: { id: ben.user.id },
      online: true,
    });
    expect((await bens.next("friend.added")).friend).toMatchObject({
      user: { id: ada.user.id },
      online: true,
    });
  });
});
