import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { beforeEach, describe, expect, it } from "vitest";
import { SessionId } from "../schema/wire/ids.ts";
import type { Bucket } from "./bucket.ts";
import { groups, membership, newBucket, pass, stopClock, toGroup, toUsers } from "./testing/bucket.ts";
import { gate, groupsOf, logic, resetLogic } from "./testing/logic.ts";
import { names, online } from "./testing/socket.ts";

beforeEach(() => {
  resetLogic();
  stopClock();
});

/** Has the bucket's next round of verification fall due. */
async function becomesDue(bucket: DurableObjectStub<Bucket>): Promise<void> {
  pass(2);
  await runDurableObjectAlarm(bucket);
  expect(logic.verify).not.toHaveBeenCalled();
  // Shorter than the idle time of a socket, which is closed after that.
  pass(150);
  await runInDurableObject(bucket, (_, { storage }) => {
    storage.kv.put("verification", { dueAt: Date.now(), after: null });
  });
}

describe("a bucket verifies what it holds", () => {
  it("every 300 s, people and sessions in one call, in the alarm that it has anyway", async () => {
    const bucket = newBucket();
    await online(bucket, "1", "phone");
    await online(bucket, "1", "laptop");
    await online(bucket, "2");
    await becomesDue(bucket);
    await runDurableObjectAlarm(bucket);
    expect(logic.verify).toHaveBeenCalledExactlyOnceWith([
      { userId: "1", sessionIds: ["phone", "laptop"] },
      { userId: "2", sessionIds: ["s1"] },
    ]);
    expect(logic.arrive).toHaveBeenCalledTimes(2);
    const next = await runInDurableObject(bucket, (_, { storage }) => storage.kv.get("verification"));
    expect(next).toEqual({ dueAt: Date.now() + 300_000, after: null });
  });

  it("and goes on with the next people where it stopped, also after it was out of memory", async () => {
    const bucket = newBucket();
    for (const userId of ["1", "2", "3"]) await online(bucket, userId);
    await becomesDue(bucket);
    await runInDurableObject(bucket, (_, { storage }) => {
      storage.kv.put("verification", { dueAt: Date.now(), after: "1" });
    });
    await evictDurableObject(bucket);
    await runDurableObjectAlarm(bucket);
    expect(logic.verify.mock.calls.map(([held]) => held.map(({ userId }) => userId))).toEqual([["2", "3"]]);
  });

  it("and again at the next alarm when the call failed", async () => {
    const bucket = newBucket();
    await online(bucket, "1");
    await becomesDue(bucket);
    logic.verify.mockRejectedValueOnce(new Error("the database is away"));
    await runDurableObjectAlarm(bucket);
    await runDurableObjectAlarm(bucket);
    expect(logic.verify).toHaveBeenCalledTimes(2);
  });

  it("and links somebody who lacks a group, routes first, who then syncs upon a further ready", async () => {
    const bucket = newBucket();
    const anna = await online(bucket, "1");
    await becomesDue(bucket);
    groupsOf.set("1", ["9"]);
    await runDurableObjectAlarm(bucket);
    expect(names(await anna.frame())).toEqual(["ready"]);
    expect(logic.arrive.mock.calls.map(([, userIds]) => userIds)).toEqual([["1"], ["1"]]);
    await bucket.deliver([toGroup("9", "hello")]);
    expect(names(await anna.frame())).toEqual(["hello"]);
  });

  it("and unlinks somebody from a group that they have left, with group.left", async () => {
    const bucket = newBucket();
    groupsOf.set("1", ["8", "9"]);
    const anna = await online(bucket, "1");
    await becomesDue(bucket);
    groupsOf.set("1", ["8"]);
    await runDurableObjectAlarm(bucket);
    expect(await anna.frame()).toEqual([{ ev: "group.left", groupId: "9" }]);
    await bucket.deliver([toGroup("9", "unheard"), toGroup("8", "heard")]);
    expect(names(await anna.frame())).toEqual(["heard"]);
    await runDurableObjectAlarm(bucket);
    expect(logic.depart).toHaveBeenCalledExactlyOnceWith(bucket.name, [], ["9"]);
  });

  it("and closes the sockets of sessions that have ended", async () => {
    const bucket = newBucket();
    const lost = await online(bucket, "1", "lost");
    const kept = await online(bucket, "1", "kept");
    await becomesDue(bucket);
    logic.verify.mockResolvedValueOnce([{ groupIds: [], endedSessionIds: [SessionId.parse("lost")] }]);
    await runDurableObjectAlarm(bucket);
    expect(await lost.closed).toMatchObject({ code: 4001 });
    await bucket.deliver([toUsers(["1"], "hello")]);
    expect(names(await kept.frame())).toEqual(["hello"]);
  });

  it("and keeps what has changed since it asked", async () => {
    const bucket = newBucket();
    groupsOf.set("1", ["7"]);
    const anna = await online(bucket, "1");
    await becomesDue(bucket);
    const { opened, open } = gate();
    logic.verify.mockImplementationOnce(async () => {
      await opened;
      return [{ groupIds: groups("7"), endedSessionIds: [] }];
    });
    const alarm = runDurableObjectAlarm(bucket);
    await expect.poll(() => logic.verify.mock.calls.length).toBe(1);
    await bucket.deliver([
      { ...toUsers(["1"], "joined"), control: membership("link", "1", "9") },
      { ...toUsers(["1"], "left"), control: membership("unlink", "1", "7") },
    ]);
    open();
    await alarm;
    await bucket.deliver([toGroup("7", "unheard"), toGroup("9", "heard")]);
    expect([names(await anna.frame()), names(await anna.frame()), names(await anna.frame())]).toEqual([
      ["joined"],
      ["left"],
      ["heard"],
    ]);
  });
});
