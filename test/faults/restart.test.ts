import { afterEach, describe, expect, it } from "vitest";
import { numbered, textOf, twoFriends } from "../harness/people.ts";
import { useSystem } from "../harness/use-system.ts";
import { Load } from "./load.ts";

const system = useSystem({ env: { PASSWORD_COST: "1024", CRON_SECONDS: "5", GRACE_SECONDS: "2" } });

let load: Load | undefined;

afterEach(() => load?.close());

describe("after the whole system is killed under load and started again on its data", () => {
  it("every accepted message is in history once, in order, and reaches every device", async () => {
    load = await Load.start(system().url, 4);
    for (let kills = 0; kills < 2; kills++) {
      await load.goesOn(200);
      await system().kill();
      await system().start();
    }
    await load.goesOn(200);
    await load.stop();
    await load.expectKept();
  }, 300_000);

  it("sync returns messages that were accepted but not yet delivered", async () => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    const [adas, bens] = await Promise.all([ada.connect(), ben.connect()]);
    const texts = numbered("just before", 100);
    const sent = texts.map((text) => adas.send(conversation, text));
    await adas.next("accepted");
    await system().kill();
    const accepted = new Set<string>(adas.all("accepted").map(({ clientId }) => clientId));
    await bens.closed;
    await system().start();

    const mustBeThere = texts.filter((_, index) => accepted.has(sent[index] ?? ""));
    const synced = async () => (await ben.sync()).conversations.flatMap(({ messages }) => messages);
    await expect
      .poll(async () => (await synced()).length, { timeout: 60_000 })
      .toBeGreaterThanOrEqual(mustBeThere.length);
    // History may contain more than was acknowledged, but it is always the beginning of what was sent.
    const got = (await synced()).map(textOf);
    expect(got).toEqual(texts.slice(0, got.length));
    expect(got).toEqual(expect.arrayContaining(mustBeThere));
  }, 200_000);
});

describe("after the Workers are killed under load and started again by the supervisor", () => {
  it("every accepted message is in history once, in order, and reaches every device that reconnects", async () => {
    load = await Load.start(system().url, 4);
    await load.goesOn(200);
    const before = load.devices.map(({ readies }) => readies);
    await system().killWorkers();
    await load.goesOn(200);
    await load.stop();
    await load.expectKept();
    expect(load.devices.every(({ readies }, index) => readies > (before[index] ?? 0))).toBe(true);
  }, 200_000);
});
