import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { LOCK_MS } from "../../lib/topic-lock.ts";
import type { Friend } from "../../schema/wire/friend.ts";
import type { Group } from "../../schema/wire/group.ts";
import type { Page } from "../../schema/wire/page.ts";
import { heard, numbered, textOf, twoFriends } from "../harness/people.ts";
import { useSystem } from "../harness/use-system.ts";
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

  it("sockets stay open and get every later message, and presence becomes correct", async () => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    const [adas, bens] = await Promise.all([ada.connect(), ben.connect()]);
    await adas.sendAccepted(conversation, "before");
    await bens.messages(conversation, 1);

    await system().killGateway();
    const texts = numbered("after", 50);
    for (const text of texts) await adas.sendAccepted(conversation, text);
    await bens.messages(conversation, 51, PATIENCE_MS);
    await adas.messages(conversation, 51, PATIENCE_MS);
    expect((await ben.history(conversation)).map(textOf)).toEqual(["before", ...texts]);
    const distinct = new Map(heard(bens, conversation).map((message) => [message.id, textOf(message)]));
    expect([...distinct.values()]).toEqual(["before", ...texts]);
    // Each socket gets `ready` again, so that its client syncs what it may have missed.
    await expect.poll(() => bens.all("ready").length, { timeout: 60_000 }).toBeGreaterThan(1);

    const friend = async () => (await ada.do<Page<Friend>>("GET", "/friends")).items[0]?.online;
    await expect.poll(friend, { timeout: 60_000 }).toBe(true);
    // A person who has gone must not stay online because Redis has lost their departure.
    await bens.close();
    await expect.poll(friend, { timeout: 60_000 }).toBe(false);
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
