import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { beforeEach, describe, expect, it } from "vitest";
import type { Bucket } from "./bucket.ts";
import {
  endSession,
  membership,
  membershipAt,
  newBucket,
  pass,
  stopClock,
  toGroup,
  toUsers,
} from "./testing/bucket.ts";
import { groupsOf, logic, resetLogic } from "./testing/logic.ts";
import { names, online, type TestSocket } from "./testing/socket.ts";

beforeEach(() => {
  resetLogic();
  stopClock();
});

/** The next events of a socket, in order, in however many frames. */
async function events(socket: TestSocket, count: number): Promise<string[]> {
  const received: string[] = [];
  while (received.length < count) received.push(...names(await socket.frame()));
  return received;
}

/** Returns when the bucket has taken in every call made before: calls reach it in order. */
function taken(bucket: DurableObjectStub<Bucket>): Promise<void> {
  return runInDurableObject(bucket, () => undefined);
}

describe("what is delivered", () => {
  it("reaches everybody of a group, once a device, and nobody else", async () => {
    const bucket = newBucket();
    for (const userId of ["1", "2"]) groupsOf.set(userId, ["9", "8"]);
    groupsOf.set("3", ["8"]);
    const members = [await online(bucket, "1"), await online(bucket, "2"), await online(bucket, "2", "s2")];
    const other = await online(bucket, "3");
    await bucket.deliver([toGroup("9", "a", "b"), toGroup("8", "c")]);
    for (const member of members) {
      expect(names(await member.frame())).toEqual(["a", "b"]);
      expect(names(await member.frame())).toEqual(["c"]);
    }
    expect(names(await other.frame())).toEqual(["c"]);
  });

  it("goes to the group's list after a link, and not after an unlink, whose own event still arrives", async () => {
    const bucket = newBucket();
    const anna = await online(bucket, "1");
    await bucket.deliver([
      toGroup("9", "unheard"),
      { ...toUsers(["1"], "joined"), control: membership("link", "1", "9") },
      toGroup("9", "heard"),
      { ...toGroup("9", "left"), control: membership("unlink", "1", "9") },
      toGroup("9", "unheard"),
      toUsers(["1"], "end"),
    ]);
    expect(await events(anna, 4)).toEqual(["joined", "heard", "left", "end"]);
  });

  it("waits and merges when the push tokens are used up; nothing is dropped or out of order", async () => {
    const bucket = newBucket();
    groupsOf.set("1", ["9"]);
    groupsOf.set("2", ["9"]);
    const anna = await online(bucket, "1");
    const bela = await online(bucket, "2");
    const deliveries = Array.from({ length: 12 }, (_, index) =>
      bucket.deliver([index === 8 ? toUsers(["1"], "8") : toGroup("9", String(index))]),
    );
    await taken(bucket);
    for (const quick of ["0", "1", "2", "3", "4"]) expect(names(await anna.frame())).toEqual([quick]);
    pass(1);
    await Promise.all(deliveries);
    expect(names(await anna.frame())).toEqual(["5", "6", "7"]);
    expect(names(await anna.frame())).toEqual(["8"]);
    expect(names(await anna.frame())).toEqual(["9", "10", "11"]);
    expect(await events(bela, 11)).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "9", "10", "11"]);
  });

  it("is done only when it has been written", async () => {
    const bucket = newBucket();
    const anna = await online(bucket, "1");
    for (let push = 0; push < 5; push++) await bucket.deliver([toUsers(["1"], "quick")]);
    const order: string[] = [];
    const slow = bucket.deliver([toUsers(["1"], "slow")]).then(() => order.push("done"));
    await events(anna, 5);
    order.push("still waiting");
    pass(1);
    await slow;
    expect(order).toEqual(["still waiting", "done"]);
    expect(await events(anna, 1)).toEqual(["slow"]);
  });

  it("carries out controls in their turn, behind what waits", async () => {
    const bucket = newBucket();
    groupsOf.set("1", ["9"]);
    const anna = await online(bucket, "1");
    for (let push = 0; push < 5; push++) await bucket.deliver([toUsers(["1"], "quick")]);
    await events(anna, 5);
    const waiting = bucket.deliver([
      toGroup("9", "a"),
      { ...toGroup("9", "left"), control: membership("unlink", "1", "9") },
      toGroup("9", "unheard"),
      { ...toUsers(["1"], "joined"), control: membership("link", "1", "9") },
      toGroup("9", "b"),
    ]);
    await taken(bucket);
    pass(1);
    await waiting;
    expect(await events(anna, 4)).toEqual(["a", "left", "joined", "b"]);
  });

  it("drops a control that is older than the last one of its person and group, with its event", async () => {
    const bucket = newBucket();
    const anna = await online(bucket, "1");
    await bucket.deliver([
      { ...toUsers(["1"], "joined"), control: membershipAt(5, "link", "1", "9") },
      { ...toUsers(["1"], "left"), control: membershipAt(8, "unlink", "1", "9") },
      { ...toUsers(["1"], "late"), control: membershipAt(5, "link", "1", "9") },
      toGroup("9", "unheard"),
      { ...toUsers(["1"], "repeated"), control: membershipAt(8, "unlink", "1", "9") },
      { ...toUsers(["1"], "joined again"), control: membershipAt(9, "link", "1", "9") },
      toGroup("9", "heard"),
    ]);
    expect(await events(anna, 5)).toEqual(["joined", "left", "repeated", "joined again", "heard"]);
  });

  it("still drops an old control after the bucket was out of memory", async () => {
    const bucket = newBucket();
    const anna = await online(bucket, "1");
    await bucket.deliver([{ ...toUsers(["1"]), control: membershipAt(8, "unlink", "1", "9") }]);
    await evictDurableObject(bucket);
    await bucket.deliver([
      { ...toUsers(["1"], "late"), control: membershipAt(5, "link", "1", "9") },
      toGroup("9", "unheard"),
      toUsers(["1"], "heard"),
    ]);
    expect(await events(anna, 1)).toEqual(["heard"]);
  });

  it("goes on merging while people arrive, and reaches each of them in order", async () => {
    const bucket = newBucket();
    groupsOf.set("1", ["9"]);
    const anna = await online(bucket, "1");
    for (let push = 0; push < 5; push++) await bucket.deliver([toUsers(["1"], "quick")]);
    await events(anna, 5);
    const deliveries: Promise<void>[] = [];
    const newcomers: TestSocket[] = [];
    for (let count = 0; count < 100; count++) {
      const userId = String(count + 2);
      groupsOf.set(userId, ["9"]);
      newcomers.push(await online(bucket, userId));
      deliveries.push(bucket.deliver([toGroup("9", String(count))]));
      await taken(bucket);
    }
    pass(1);
    await Promise.all(deliveries);
    const all = Array.from({ length: 100 }, (_, index) => String(index));
    for (const socket of [anna, ...newcomers]) expect(names(await socket.frame())).toEqual(all);
  });

  it("is refused as a whole when too much waits already", async () => {
    const bucket = newBucket();
    const anna = await online(bucket, "1");
    for (let push = 0; push < 5; push++) await bucket.deliver([toUsers(["1"], "quick")]);
    await events(anna, 5);
    const large = bucket.deliver([toUsers(["1"], "x".repeat(4_500))]);
    await taken(bucket);
    const more = async () => await bucket.deliver([toUsers(["1"], "y".repeat(1_000))]);
    await expect(more()).rejects.toThrow("the bucket is busy");
    pass(1);
    await large;
    await bucket.deliver([toUsers(["1"], "y".repeat(1_000))]);
    expect(await events(anna, 2)).toEqual(["x".repeat(4_500), "y".repeat(1_000)]);
  });

  it("costs no push token when nobody is there for it", async () => {
    const bucket = newBucket();
    const anna = await online(bucket, "1");
    for (let push = 0; push < 100; push++)
      await bucket.deliver([toGroup("9", "nobody"), toUsers(["2"], "nobody")]);
    await bucket.deliver([toUsers(["1"], "hello")]);
    expect(await events(anna, 1)).toEqual(["hello"]);
  });

  it("closes the sockets of a session that has ended, and goes on with the others", async () => {
    const bucket = newBucket();
    const lost = await online(bucket, "1", "lost");
    const kept = await online(bucket, "1", "kept");
    await bucket.deliver([{ ...toUsers(["1"]), control: endSession("1", "lost") }]);
    expect(await lost.closed).toEqual({ code: 4001, reason: "session ended" });
    await bucket.deliver([toUsers(["1"], "hello")]);
    expect(await events(kept, 1)).toEqual(["hello"]);
  });

  it("has the route of a group registered whose list a join opens: a departure may have removed it", async () => {
    const bucket = newBucket();
    await online(bucket, "1");
    await online(bucket, "2");
    logic.arrive.mockClear();
    await bucket.deliver([{ ...toUsers(["1"], "joined"), control: membership("link", "1", "9") }]);
    await bucket.deliver([{ ...toUsers(["2"], "joined"), control: membership("link", "2", "9") }]);
    await expect.poll(() => logic.arrive.mock.calls).toEqual([[bucket.name, ["1"]]]);
  });
});
