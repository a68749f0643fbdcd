import { beforeEach, describe, expect, it } from "vitest";
import { groups, membership, newBucket, stopClock, toGroup, toUsers } from "./testing/bucket.ts";
import { gate, groupsOf, logic, resetLogic } from "./testing/logic.ts";
import { connect, names, online } from "./testing/socket.ts";

beforeEach(() => {
  resetLogic();
  stopClock();
});

describe("somebody who opens a socket", () => {
  it("gets ready once the route is registered, and not before", async () => {
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

  it("gets pong for ping", async () => {
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

  it("shares one call with all who came while the last one was under way", async () => {
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

  it("is closed with 1013 when logic cannot register, and arrives anew afterwards", async () => {
    const bucket = newBucket();
    logic.arrive.mockRejectedValueOnce(new Error("Redis is away"));
    const anna = await connect(bucket, "1");
    expect(await anna.closed).toMatchObject({ code: 1013 });
    await online(bucket, "1");
    expect(logic.arrive).toHaveBeenCalledTimes(2);
  });

  it("is closed with 1013 when the bucket is full", async () => {
    const bucket = newBucket();
    const users = Array.from({ length: 120 }, (_, index) => String(index + 1));
    await Promise.all(users.map((userId) => online(bucket, userId)));
    const late = await connect(bucket, "121");
    expect(await late.closed).toMatchObject({ code: 1013 });
  });

  it("is in the groups that were joined and left while the call was under way", async () => {
    const bucket = newBucket();
    const { opened, open } = gate();
    logic.arrive.mockImplementationOnce(async () => {
      await opened;
      return [groups("7", "8")];
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

  it("is not in a group that was joined during an arrival that failed, and left before the next one", async () => {
    const bucket = newBucket();
    const { opened, open } = gate();
    logic.arrive.mockImplementationOnce(async () => {
      await opened;
      throw new Error("Redis is away");
    });
    const refused = await connect(bucket, "1");
    await bucket.deliver([{ ...toUsers(["1"]), control: membership("link", "1", "9") }]);
    open();
    expect(await refused.closed).toMatchObject({ code: 1013 });
    groupsOf.set("1", []);
    const anna = await online(bucket, "1");
    await bucket.deliver([toGroup("9", "unheard"), toUsers(["1"], "heard")]);
    expect(names(await anna.frame())).toEqual(["heard"]);
  });
});
