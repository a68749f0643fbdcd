import { beforeEach, describe, expect, it } from "vitest";
import { membership, newBucket, stopClock, toGroup, toUsers } from "./testing/bucket.ts";
import { gate, groupsOf, logic, resetLogic } from "./testing/logic.ts";
import { connect, names, online } from "./testing/socket.ts";

beforeEach(() => {
  resetLogic();
  stopClock();
});

describe("somebody who opens a socket", () => {
  it("is told to be ready once the route is registered, and not before", async () => {
    const bucket = newBucket();
    const { opened, open } = gate();
    logic.arrive.mockImplementationOnce(async () => {
      await opened;
      return [[]];
    });
    const anna = await connect(bucket, "1", "phone");
    await bucket.deliver([toUsers(["1"], "early")]);
    open();
    const [, number] = bucket.name?.split(":") ?? [];
    expect(await anna.frame()).toEqual([
      { ev: "ready", userId: "1", sessionId: "phone", serverId: "local", bucket: Number(number) },
    ]);
    await bucket.deliver([toUsers(["1"], "late")]);
    expect(names(await anna.frame())).toEqual(["late"]);
  });

  it("answers ping with pong", async () => {
    const anna = await online(newBucket(), "1");
    anna.send("ping");
    expect(await anna.text()).toBe("pong");
  });

  it("needs no further call for a second device", async () => {
    const bucket = newBucket();
    groupsOf.set("1", ["9"]);
    const phone = await online(bucket, "1", "phone");
    const laptop = await online(bucket, "1", "laptop");
    await bucket.deliver([toGroup("9", "hello")]);
    expect([names(await phone.frame()), names(await laptop.frame())]).toEqual([["hello"], ["hello"]]);
    expect(logic.arrive).toHaveBeenCalledTimes(1);
  });

  it("shares one call with whoever came while the last one was under way", async () => {
    const bucket = newBucket();
    const { opened, open } = gate();
    logic.arrive.mockImplementationOnce(async () => {
      await opened;
      return [[]];
    });
    const sockets = [await connect(bucket, "1"), await connect(bucket, "2"), await connect(bucket, "3")];
    sockets.push(await connect(bucket, "2", "laptop"));
    open();
    for (const socket of sockets) expect(names(await socket.frame())).toEqual(["ready"]);
    expect(logic.arrive.mock.calls.map(([, userIds]) => userIds)).toEqual([["1"], ["2", "3"]]);
  });

  it("is sent away for a while when logic cannot register, and asked for again", async () => {
    const bucket = newBucket();
    logic.arrive.mockRejectedValueOnce(new Error("Redis is away"));
    const anna = await connect(bucket, "1");
    expect(await anna.closed).toMatchObject({ code: 1013 });
    await online(bucket, "1");
    expect(logic.arrive).toHaveBeenCalledTimes(2);
  });

  it("is sent away when the bucket is full", async () => {
    const bucket = newBucket();
    for (let user = 1; user <= 8; user++) await online(bucket, String(user));
    const late = await connect(bucket, "9");
    expect(await late.closed).toMatchObject({ code: 1013 });
  });

  it("is in the groups that were joined and left while the answer was on its way", async () => {
    const bucket = newBucket();
    const { opened, open } = gate();
    logic.arrive.mockImplementationOnce(async () => {
      await opened;
      return [["7", "8"]];
    });
    const anna = await connect(bucket, "1");
    await bucket.deliver([
      { ...toUsers(["1"]), control: membership("unlink", "1", "7") },
      { ...toUsers(["1"]), control: membership("link", "1", "9") },
    ]);
    open();
    await anna.frame();
    await bucket.deliver([toGroup("7", "left"), toGroup("8", "known"), toGroup("9", "joined")]);
    expect([names(await anna.frame()), names(await anna.frame())]).toEqual([["known"], ["joined"]]);
  });
});
