import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { membership, membershipAt, newBucket, pass, stopClock, toGroup, toUsers } from "./testing/bucket.ts";
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

  it("has those depart whose sockets were lost with it, and registers those who come back", async () => {
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

  it("is woken by its own alarm, and goes on then", async () => {
    vi.useRealTimers();
    const bucket = newBucket();
    await online(bucket, "1");
    await evictDurableObject(bucket);
    await expect.poll(() => logic.renew.mock.calls, { timeout: 4_000 }).toEqual([[bucket.name, 1]]);
  });

  it("goes on with what the code before this one has left", async () => {
    const bucket = newBucket();
    groupsOf.set("1", ["7"]);
    const anna = await online(bucket, "1", "phone");
    await runInDurableObject(bucket, (_, state) => {
      const { storage } = state;
      storage.sql.exec("DROP TABLE people");
      storage.sql.exec(
        `CREATE TABLE people (
          user_id TEXT PRIMARY KEY, group_ids TEXT NOT NULL, departs_at INTEGER
        ) WITHOUT ROWID`,
      );
      storage.sql.exec(`INSERT INTO people VALUES ('1', '["7","8"]', NULL), ('2', '["8"]', ${Date.now()})`);
      storage.kv.delete("verification");
      for (const socket of state.getWebSockets()) {
        const seenAt = Date.now();
        socket.serializeAttachment({
          userId: "1",
          sessionId: "phone",
          connectedAt: seenAt,
          seenAt,
          ready: true,
        });
      }
    });
    await evictDurableObject(bucket);
    await bucket.deliver([
      toGroup("8", "eight"),
      { ...toUsers(["1"], "left"), control: membership("unlink", "1", "8") },
      toGroup("8", "unheard"),
      toGroup("7", "seven"),
    ]);
    expect([names(await anna.frame()), names(await anna.frame()), names(await anna.frame())]).toEqual([
      ["eight"],
      ["left"],
      ["seven"],
    ]);
    await runDurableObjectAlarm(bucket);
    expect(logic.depart).toHaveBeenCalledExactlyOnceWith(
      bucket.name,
      [{ userId: "2", groupIds: ["8"] }],
      ["8"],
    );
    await evictDurableObject(bucket);
    await bucket.deliver([
      { ...toUsers(["1"], "late"), control: membershipAt(0, "link", "1", "8") },
      toUsers(["1"], "heard"),
    ]);
    expect(names(await anna.frame())).toEqual(["heard"]);
  });

  it("closes a socket whose leftovers are unreadable: its client comes back and arrives anew", async () => {
    const bucket = newBucket();
    const anna = await online(bucket, "1");
    const bela = await online(bucket, "2");
    await runInDurableObject(bucket, (_, { storage }) => {
      storage.sql.exec("UPDATE people SET group_ids = 'nonsense' WHERE user_id = '1'");
    });
    await evictDurableObject(bucket);
    await bucket.deliver([toUsers(["2"], "hello")]);
    expect(names(await bela.frame())).toEqual(["hello"]);
    expect(await anna.closed).toMatchObject({ code: 1013 });
    await online(bucket, "1");
  });
});
