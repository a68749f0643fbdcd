import { describe, expect, it } from "vitest";
import { isBehind, isLoaded, unread } from "./conversation-state.ts";
import { FakeServer } from "./fake-server.ts";
import { initialState } from "./state.ts";
import { Store } from "./store.ts";
import { Sync } from "./sync.ts";
import { MOST_NAMED, planSync, RECENT } from "./sync-plan.ts";
import { ann } from "./testing.ts";
import { shown } from "./timeline.ts";

/** A device of somebody who has so many conversations with two messages each, the last of which is the latest. */
function makeDevice(count: number) {
  const server = new FakeServer();
  for (let round = 0; round < 2; round += 1) {
    for (let number = 0; number < count; number += 1) server.write(number);
  }
  const store = new Store(initialState(ann));
  const sync = new Sync(server, store);
  const conversation = (number: number) =>
    store.state().conversations.get(FakeServer.id(number)) ?? expect.fail(`no conversation ${number}`);
  return { server, store, sync, conversation, count };
}

type Device = ReturnType<typeof makeDevice>;

/** The requests of what is under way take turns of the event loop, not time. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** The requests made since the last time. */
function requests({ server }: Device) {
  const made = { ...server.requests };
  server.requests.sync = 0;
  server.requests.newestMessages = 0;
  return made;
}

/** Nothing that is loaded is behind, its messages are those of the server, and every counter is right. */
function expectCaughtUp({ server, store, count }: Device): void {
  expect(store.state().conversations.size).toBe(count);
  const wrong = [...store.state().conversations.values()].filter((held) => {
    const history = server.history(held.id);
    if (held.lastSeq !== history.length || unread(held) !== history.length) return true;
    if (!isLoaded(held)) return false;
    const messages = shown(held.timeline);
    const same = messages.every(({ id }, index) => id === history.at(index - messages.length)?.id);
    return isBehind(held) || messages.length === 0 || !same;
  });
  expect(wrong).toEqual([]);
}

/** Making thousands of messages takes a busy machine seconds. */
const SLOW = { timeout: 60_000 };

describe.each([{ count: 2_500 }, { count: 12_000 }])(
  "a device with $count conversations",
  SLOW,
  ({ count }) => {
    it("catches up when it connects for the first time, in few requests", async () => {
      const device = makeDevice(count);
      device.sync.connected();
      await settled();
      expectCaughtUp(device);
      expect(requests(device).sync).toBeLessThanOrEqual(2);
    });

    it("loads any conversation when it is opened, in one request each", async () => {
      const device = makeDevice(count);
      device.sync.connected();
      await settled();
      requests(device);
      const opened = [0, 1, Math.floor(count / 2), count - RECENT - 1];
      for (const number of opened) device.sync.open(FakeServer.id(number));
      await settled();
      for (const number of opened) expect(shown(device.conversation(number).timeline)).toHaveLength(2);
      expect(requests(device)).toEqual({ sync: 0, newestMessages: opened.length });
      expectCaughtUp(device);
    });

    it("catches up after an absence in which most conversations changed, one of them a thousand times", async () => {
      const device = makeDevice(count);
      device.sync.connected();
      await settled();
      const opened = Array.from({ length: 300 }, (_, index) => index * Math.floor(count / 300));
      for (const number of opened) device.sync.open(FakeServer.id(number));
      await settled();
      device.sync.disconnected();
      requests(device);
      for (let number = 0; number < count; number += 1) if (number % 3 > 0) device.server.write(number);
      for (const number of opened) device.server.write(number);
      for (let change = 0; change < 1_000; change += 1) device.server.write(opened[1] ?? 0);
      device.sync.connected();
      await settled();
      expectCaughtUp(device);
      const { sync, newestMessages } = requests(device);
      expect(sync + newestMessages).toBeLessThanOrEqual(opened.length + 2 * RECENT);
      for (const number of opened) expect(isLoaded(device.conversation(number))).toBe(true);
    });

    it("fills a gap without another look at the lists", async () => {
      const device = makeDevice(count);
      device.sync.connected();
      await settled();
      const number = count - 1;
      device.sync.open(FakeServer.id(number));
      await settled();
      device.server.write(number);
      const late = device.server.write(number);
      device.store.apply({ type: "event", event: { ev: "message", message: late } });
      expect(isBehind(device.conversation(number))).toBe(true);
      device.sync.want({ lists: false });
      await settled();
      expect(shown(device.conversation(number).timeline).map(({ seq }) => Number(seq))).toEqual([1, 2, 3, 4]);
      expectCaughtUp(device);
    });
  },
);

it(
  "fetches what is loaded and behind with the most recent first, when there are too many to name",
  SLOW,
  async () => {
    const device = makeDevice(MOST_NAMED + 1);
    device.sync.connected();
    await settled();
    for (const number of [5, 3, 9]) device.sync.open(FakeServer.id(number));
    await settled();
    for (const number of [3, 9, 5]) {
      device.server.write(number);
      const message = device.server.write(number);
      device.store.apply({ type: "event", event: { ev: "message", message } });
    }
    const conversations = [5, 9, 3].map(FakeServer.id);
    expect(planSync(device.store.state())).toEqual({ by: "history", conversations });
  },
);
