import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { beforeEach, describe, expect, it } from "vitest";
import type { Bucket } from "./bucket.ts";
import { membership, newBucket, pass, stopClock, toGroup, toUsers } from "./testing/bucket.ts";
import { gate, groupsOf, logic, resetLogic } from "./testing/logic.ts";
import { connect, names, online, type TestSocket } from "./testing/socket.ts";

beforeEach(() => {
  resetLogic();
  stopClock();
});

/** Closes a socket and waits until the bucket has seen it. */
async function leave(bucket: DurableObjectStub<Bucket>, socket: TestSocket): Promise<void> {
  const before = await socketsOf(bucket);
  socket.close();
  await expect.poll(() => socketsOf(bucket)).toBe(before - 1);
}

function socketsOf(bucket: DurableObjectStub<Bucket>): Promise<number> {
  return runInDurableObject(
    bucket,
    (_, state) => state.getWebSockets().filter(({ readyState }) => readyState === WebSocket.OPEN).length,
  );
}

function alarmOf(bucket: DurableObjectStub<Bucket>): Promise<number | null> {
  return runInDurableObject(bucket, (_, state) => state.storage.getAlarm());
}

describe("somebody who has gone", () => {
  it("departs after the grace time, with the groups that nobody here is in any more", async () => {
    const bucket = newBucket();
    groupsOf.set("1", ["7", "8"]);
    groupsOf.set("2", ["8"]);
    const anna = await online(bucket, "1");
    await online(bucket, "2");
    await leave(bucket, anna);
    await runDurableObjectAlarm(bucket);
    expect(logic.depart).not.toHaveBeenCalled();
    pass(12);
    await runDurableObjectAlarm(bucket);
    expect(logic.depart).toHaveBeenCalledExactlyOnceWith(
      bucket.name,
      [{ userId: "1", groupIds: ["7", "8"] }],
      ["7"],
    );
  });

  it("does not depart when back within the grace time, and needs no call to be ready", async () => {
    const bucket = newBucket();
    groupsOf.set("1", ["7"]);
    await leave(bucket, await online(bucket, "1"));
    pass(9);
    const back = await online(bucket, "1");
    pass(60);
    await runDurableObjectAlarm(bucket);
    expect(logic.depart).not.toHaveBeenCalled();
    expect(logic.arrive).toHaveBeenCalledTimes(1);
    await bucket.deliver([toGroup("7", "hello")]);
    expect(names(await back.frame())).toEqual(["hello"]);
  });

  it("shares one call with others who left in the same second, and keeps groups of those still in grace", async () => {
    const bucket = newBucket();
    for (const userId of ["1", "2", "3"]) groupsOf.set(userId, ["7", userId]);
    const sockets = [await online(bucket, "1"), await online(bucket, "2"), await online(bucket, "3")];
    for (const socket of sockets.slice(0, 2)) await leave(bucket, socket);
    pass(5);
    for (const socket of sockets.slice(2)) await leave(bucket, socket);
    pass(7);
    await runDurableObjectAlarm(bucket);
    const [call] = logic.depart.mock.calls;
    expect(logic.depart).toHaveBeenCalledTimes(1);
    expect(call?.[1].map(({ userId }) => userId)).toEqual(["1", "2"]);
    expect(call?.[2]).toEqual(["1", "2"]);
  });

  it("departs later when the call failed, and arrives anew when back before that", async () => {
    const bucket = newBucket();
    await leave(bucket, await online(bucket, "1"));
    pass(12);
    logic.depart.mockRejectedValueOnce(new Error("away"));
    await runDurableObjectAlarm(bucket);
    await leave(bucket, await online(bucket, "1"));
    expect(logic.arrive).toHaveBeenCalledTimes(2);
    pass(12);
    await runDurableObjectAlarm(bucket);
    expect(logic.depart).toHaveBeenCalledTimes(2);
  });

  it("who comes back while departing is registered after that", async () => {
    const bucket = newBucket();
    groupsOf.set("1", ["7"]);
    await leave(bucket, await online(bucket, "1"));
    pass(12);
    const { opened, open } = gate();
    logic.depart.mockImplementationOnce(() => opened);
    const alarm = runDurableObjectAlarm(bucket);
    await expect.poll(() => logic.depart.mock.calls.length).toBe(1);
    const back = await connect(bucket, "1");
    expect(logic.arrive).toHaveBeenCalledTimes(1);
    open();
    await alarm;
    expect(names(await back.frame())).toEqual(["ready"]);
    expect(logic.arrive).toHaveBeenCalledTimes(2);
    await bucket.deliver([toGroup("7", "hello")]);
    expect(names(await back.frame())).toEqual(["hello"]);
  });

  it("and joins a group meanwhile has its route registered anew: a departure may have removed it", async () => {
    const bucket = newBucket();
    await leave(bucket, await online(bucket, "1"));
    await bucket.deliver([{ ...toUsers(["1"]), control: membership("link", "1", "9") }]);
    await expect.poll(() => logic.arrive.mock.calls.map(([, userIds]) => userIds)).toEqual([["1"], ["1"]]);
    const back = await online(bucket, "1");
    await bucket.deliver([toGroup("9", "hello")]);
    expect(names(await back.frame())).toEqual(["hello"]);
  });

  it("has left a group that nobody else here is in: its route is removed with the next departure", async () => {
    const bucket = newBucket();
    groupsOf.set("1", ["7"]);
    await online(bucket, "1");
    await bucket.deliver([{ ...toUsers(["1"], "left"), control: membership("unlink", "1", "7") }]);
    await runDurableObjectAlarm(bucket);
    expect(logic.depart).toHaveBeenCalledExactlyOnceWith(bucket.name, [], ["7"]);
  });
});

describe("the lease", () => {
  it("is renewed every 30 s while there are sockets, and ends with the last of them", async () => {
    const bucket = newBucket();
    const anna = await online(bucket, "1");
    pass(2);
    await runDurableObjectAlarm(bucket);
    expect(logic.renew).toHaveBeenLastCalledWith(bucket.name, 1);
    expect(await alarmOf(bucket)).toBe(Date.now() + 30_000);
    await leave(bucket, anna);
    pass(12);
    await runDurableObjectAlarm(bucket);
    expect(logic.renew).toHaveBeenCalledTimes(1);
    expect(logic.release).toHaveBeenCalledExactlyOnceWith(bucket.name);
    expect(await alarmOf(bucket)).toBeNull();
  });

  it("that was lost has everything registered, and clients sync upon a further ready", async () => {
    const bucket = newBucket();
    groupsOf.set("1", ["7"]);
    const anna = await online(bucket, "1");
    logic.renew.mockResolvedValueOnce(false);
    logic.register.mockRejectedValueOnce(new Error("still away"));
    pass(31);
    await runDurableObjectAlarm(bucket);
    pass(6);
    await runDurableObjectAlarm(bucket);
    expect(logic.register).toHaveBeenCalledTimes(2);
    expect(logic.register).toHaveBeenLastCalledWith(bucket.name, [{ userId: "1", groupIds: ["7"] }], 1);
    expect(names(await anna.frame())).toEqual(["ready"]);
  });

  it("and all routes are registered on request", async () => {
    const bucket = newBucket();
    await online(bucket, "1");
    await bucket.register();
    expect(logic.register).toHaveBeenCalledExactlyOnceWith(bucket.name, [{ userId: "1", groupIds: [] }], 1);
    await newBucket().register();
    expect(logic.register).toHaveBeenCalledTimes(1);
  });
});

describe("a socket without a sign of life", () => {
  it("is closed after the idle time; one that has sent a frame is not", async () => {
    const bucket = newBucket();
    const quiet = await online(bucket, "1");
    const lively = await online(bucket, "2");
    pass(150);
    lively.send({ op: "read", conversation: "group:9", seq: 1 });
    await expect.poll(() => logic.submit.mock.calls.length).toBe(1);
    pass(40);
    await runDurableObjectAlarm(bucket);
    expect(await quiet.closed).toMatchObject({ code: 1013 });
    await bucket.deliver([toUsers(["1", "2"], "hello")]);
    expect(names(await lively.frame())).toEqual(["hello"]);
  });

  it("that was not registered in time is closed too", async () => {
    const bucket = newBucket();
    const { opened, open } = gate();
    logic.arrive.mockImplementationOnce(async () => {
      await opened;
      return [[]];
    });
    const anna = await connect(bucket, "1");
    pass(31);
    const alarm = runDurableObjectAlarm(bucket);
    expect(await anna.closed).toMatchObject({ code: 1013 });
    open();
    await alarm;
  });
});
