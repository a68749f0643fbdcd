import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { membership, newBucket, pass, stopClock, toGroup, toUsers } from "./testing/bucket.ts";
import { groupsOf, logic, resetLogic } from "./testing/logic.ts";
import { names, online } from "./testing/socket.ts";

beforeEach(() => {
  resetLogic();
  stopClock();
});

describe("a bucket that was out of memory", () => {
  it("still reaches everybody: its lists are built again from what has survived", async () => {
    const bucket = newBucket();
    groupsOf.set("1", ["7", "8"]);
    groupsOf.set("2", ["8"]);
    const anna = await online(bucket, "1");
    const bela = await online(bucket, "2");
    await bucket.deliver([
      { ...toUsers(["2"]), control: membership("link", "2", "7") },
      { ...toUsers(["1"]), control: membership("unlink", "1", "8") },
    ]);
    await evictDurableObject(bucket);
    await bucket.deliver([toGroup("7", "seven"), toGroup("8", "eight"), toUsers(["1"], "anna")]);
    expect([names(await anna.frame()), names(await anna.frame())]).toEqual([["seven"], ["anna"]]);
    expect([names(await bela.frame()), names(await bela.frame())]).toEqual([["seven"], ["eight"]]);
  });

  it("takes frames and further devices as before, without registering anybody again", async () => {
    const bucket = newBucket();
    groupsOf.set("1", ["7"]);
    const phone = await online(bucket, "1", "phone");
    await evictDurableObject(bucket);
    phone.send({ op: "dance" });
    expect(names(await phone.frame())).toEqual(["error"]);
    const laptop = await online(bucket, "1", "laptop");
    await bucket.deliver([toGroup("7", "hello")]);
    expect(names(await laptop.frame())).toEqual(["hello"]);
    expect(logic.arrive).toHaveBeenCalledTimes(1);
  });

  it("keeps its alarm: grace times go on", async () => {
    const bucket = newBucket();
    const anna = await online(bucket, "1");
    await online(bucket, "2");
    anna.close();
    await anna.closed;
    await evictDurableObject(bucket);
    pass(12);
    await runDurableObjectAlarm(bucket);
    expect(logic.depart).toHaveBeenCalledExactlyOnceWith(bucket.name, [{ userId: "1", groupIds: [] }], []);
  });

  it("tells after a grace time of those whose sockets were lost with it, and registers who comes back", async () => {
    const bucket = newBucket();
    await online(bucket, "1");
    await online(bucket, "2");
    await evictDurableObject(bucket, { webSockets: "close" });
    const back = await online(bucket, "2");
    expect(logic.arrive.mock.calls.map(([, userIds]) => userIds)).toEqual([["1"], ["2"], ["2"]]);
    pass(12);
    await runDurableObjectAlarm(bucket);
    expect(logic.depart).toHaveBeenCalledExactlyOnceWith(bucket.name, [{ userId: "1", groupIds: [] }], []);
    await bucket.deliver([toUsers(["2"], "hello")]);
    expect(names(await back.frame())).toEqual(["hello"]);
  });

  it("is woken by its own alarm, and knows itself then", async () => {
    vi.useRealTimers();
    const bucket = newBucket();
    await online(bucket, "1");
    await evictDurableObject(bucket);
    await expect.poll(() => logic.renew.mock.calls, { timeout: 4_000 }).toEqual([[bucket.name, 1]]);
  });
});
