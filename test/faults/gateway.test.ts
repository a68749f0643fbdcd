import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { LOCK_MS } from "../../lib/topic-lock.ts";
import type { Friend } from "../../schema/wire/friend.ts";
import type { Group } from "../../schema/wire/group.ts";
import type { Page } from "../../schema/wire/page.ts";
import type { Client } from "../harness/client.ts";
import { numbered, textOf, twoFriends } from "../harness/people.ts";
import { useSystem } from "../harness/use-system.ts";
import { Device } from "./device.ts";
import { Load } from "./load.ts";

/** All groups share a topic and its lock here, as all people do. The other tests of faults run with a topic for each. */
const SHARED = { TOPIC_LAYOUT: "1" };

const system = useSystem({
  env: { PASSWORD_COST: "1024", CRON_SECONDS: "5", GRACE_SECONDS: "2", ...SHARED },
});

let loads: Load[] = [];

/** A drain that dies is made again when its lock has lapsed; on a slow machine, that can happen to the next one, too. */
const PATIENCE_MS = 3 * LOCK_MS;

afterEach(async () => {
  await Promise.all(loads.splice(0).map((load) => load.close()));
});

describe("after the gateway is killed under load and started again with an empty Redis", () => {
  it("every accepted message is in history once, in order, and every device gets it", async () => {
    loads = await Promise.all([Load.start(system().url, 4), Load.start(system().url, 2)]);
    for (let kills = 0; kills < 2; kills++) {
      await allGoOn();
      await system().killGateway();
    }
    await allGoOn();
    for (const load of loads) await expectAllKept(load);
  }, 300_000);

  it("sockets stay open, devices that sync get every later message, and presence becomes correct", async () => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    let opened = 0;
    const open = (client: Client) => Device.open(client, { opened: () => opened++ });
    const devices = [await open(ada), await open(ben)] as const;
    const [adas, bens] = devices;
    await adas.write(conversation, "before");
    await expect.poll(() => bens.messages(conversation).map(textOf)).toEqual(["before"]);

    await system().killGateway();
    const texts = numbered("after", 50);
    for (const text of texts) await adas.write(conversation, text);
    // A bucket that registers late has missed some: it says `ready` again, so that its clients sync.
    for (const device of devices) {
      const has = () => device.messages(conversation).map(textOf);
      await expect.poll(has, { timeout: PATIENCE_MS }).toEqual(["before", ...texts]);
      await expect.poll(() => device.readies, { timeout: PATIENCE_MS }).toBeGreaterThan(1);
    }
    expect((await ben.history(conversation)).map(textOf)).toEqual(["before", ...texts]);
    expect(opened).toBe(devices.length);

    const friend = async () => (await ada.do<Page<Friend>>("GET", "/friends")).items[0]?.online;
    await expect.poll(friend, { timeout: 60_000 }).toBe(true);
    // A person who has gone must not stay online because Redis has lost their departure.
    bens.close();
    await expect.poll(friend, { timeout: 60_000 }).toBe(false);
    adas.close();
  }, 300_000);
});

describe("after the gateway is paused under load for longer than a lock lasts", () => {
  it("nothing is lost or repeated, and every device gets every message", async () => {
    loads = [await Load.start(system().url, 4)];
    await allGoOn();
    system().pauseGateway();
    try {
      // Nothing observable happens while it is paused, so the test can only wait for the time to pass.
      await sleep(LOCK_MS + 5_000);
    } finally {
      system().resumeGateway();
    }
    await allGoOn();
    for (const load of loads) await expectAllKept(load);
  }, 300_000);
});

async function allGoOn(): Promise<void> {
  await Promise.all(loads.map((load) => load.goesOn(200)));
}

async function expectAllKept(load: Load): Promise<void> {
  await load.stop();
  await load.expectKept();
  await expectEverybodyOnline(load);
}

/** Expects the group's online count to be the number of connected members. */
async function expectEverybodyOnline({ devices, group }: Load): Promise<void> {
  const online = () => devices[0]?.client.do<Group>("GET", `/groups/${group.id}`);
  await expect
    .poll(async () => (await online())?.onlineCount, { timeout: 60_000, interval: 1_000 })
    .toBe(devices.length);
}
