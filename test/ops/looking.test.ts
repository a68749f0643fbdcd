import { afterEach, describe, expect, it } from "vitest";
import { redisKeys } from "../../lib/redis-keys.ts";
import { groupTopic } from "../../lib/topic.ts";
import { LockList, OperatorStatus, SocketList, TopicLag } from "../../schema/wire/operator.ts";
import { page } from "../../schema/wire/page.ts";
import { expectProblem } from "../api/problem.ts";
import { Client, request } from "../harness/client.ts";
import { openClub, twoFriends } from "../harness/people.ts";
import { useSystem } from "../harness/use-system.ts";
import { asOperator, OPERATOR_TOKEN, OPERATORS } from "./operator.ts";
import { runOps } from "./run-ops.ts";

const system = useSystem({ env: { ...OPERATORS, PASSWORD_COST: "1024", CRON_SECONDS: "3600" } });

const get = async (path: string) => (await asOperator<unknown>(system().url, "GET", path)).body;

describe("the operators' API", () => {
  it("is for operators only, also where there is nothing", async () => {
    const client = await Client.register(system().url);
    for (const token of [undefined, client.session.accessToken, `${OPERATOR_TOKEN}0`, "ada"]) {
      for (const path of ["/ops", "/ops/status", "/ops/nothing"]) {
        expectProblem(await request(system().url, "GET", path, { token }), "unauthenticated");
      }
      expectProblem(
        await request(system().url, "POST", "/ops/status", { token, body: {} }),
        "unauthenticated",
      );
    }
    expectProblem(await asOperator(system().url, "GET", "/nothing"), "not_found");
    expectProblem(await asOperator(system().url, "POST", "/status", {}), "method_not_allowed");
  });

  it("lets an operator be no person", async () => {
    expectProblem(
      await request(system().url, "GET", "/users/me", { token: OPERATOR_TOKEN }),
      "unauthenticated",
    );
  });

  it("is not in the description for clients", async () => {
    const { body } = await request<{ paths: object }>(system().url, "GET", "/openapi.json");
    expect(Object.keys(body.paths).filter((path) => path.includes("/ops"))).toEqual([]);
  });
});

describe("an operator sees", () => {
  it("layers, leases and what waits", async () => {
    const { ada, conversation } = await twoFriends(system().url);
    const socket = await ada.connect();
    await ada.post(conversation, "hello");
    // Then a worker has stamped the message.
    await socket.next("message");
    const status = OperatorStatus.parse(await get("/status"));
    expect(status.health.ok).toBe(true);
    expect(status.redis).toMatchObject({ whole: true, recovering: false, buckets: 1 });
    expect(status.redis?.workers.some(({ leaseMs }) => leaseMs !== null)).toBe(true);
    expect(status.database).toEqual({ pendingFacts: 0, deadLetters: 0 });
    await socket.close();
  });

  it("sockets by bucket", async () => {
    const { everybody } = await openClub(system().url, 3);
    const sockets = await Promise.all(everybody.map((client) => client.connect()));
    const { buckets } = SocketList.parse(await get("/sockets"));
    expect(buckets.map(({ address }) => address)).toEqual(buckets.map(({ address }) => address).toSorted());
    expect(buckets.reduce((sum, { people }) => sum + people, 0)).toBeGreaterThanOrEqual(4);
    expect(
      buckets.every(({ leaseLapsesAt, missed }) => Date.parse(leaseLapsesAt) > Date.now() && !missed),
    ).toBe(true);
    const { output } = await runOps(system().url, ["sockets"]);
    for (const { address } of buckets) expect(output).toContain(address);
    await Promise.all(sockets.map((socket) => socket.close()));
  });

  describe("of a topic that somebody has locked", () => {
    afterEach(async () => {
      await (await system().redis()).del(redisKeys.lock(topicOf(locked)));
    });

    let locked = "";
    const topicOf = (groupId: string) => groupTopic(groupId as Parameters<typeof groupTopic>[0]);

    it("its lag, since when it is behind, and who has locked it", async () => {
      const { owner, group } = await openClub(system().url, 0);
      locked = group.id;
      const topic = topicOf(group.id);
      const redis = await system().redis();
      // The drains of the group's beginning release the lock before this one takes it.
      await expect
        .poll(() => redis.set(redisKeys.lock(topic), "somebody", { nx: true, px: 60_000 }))
        .toBe("OK");
      await owner.post(group.conversation, "hello");

      const { items, nextCursor } = page(TopicLag).parse(await get("/topics"));
      expect(nextCursor).toBeNull();
      const lag = items.find((item) => item.topic === topic);
      expect(lag).toMatchObject({ lock: { owner: "somebody" }, behindSince: expect.any(String) });
      expect(lag?.lag).toBe(Number(lag?.end) - Number(lag?.committed));
      expect(lag?.lag).toBeGreaterThan(0);

      const locks = LockList.parse(await get("/locks"));
      const own = locks.topics.find((lock) => lock.topic === topic);
      expect(own).toMatchObject({ owner: "somebody", wakes: expect.any(Number) });
      expect(own?.lapsesInMs).toBeLessThanOrEqual(60_000);

      expect((await runOps(system().url, ["topics"])).output).toMatch(
        new RegExp(`${topic} +\\d+ .*somebody`),
      );
      expect((await runOps(system().url, ["locks"])).output).toMatch(new RegExp(`${topic} +somebody`));
    });
  });
});

describe("npm run ops", () => {
  it("prints the status, for people and for programs", async () => {
    const { exitCode, output } = await runOps(system().url, ["status"]);
    expect(exitCode).toBe(0);
    expect(output).toMatch(/^task +ok$/m);
    expect(output).toMatch(/^Redis +complete$/m);
    const json = await runOps(system().url, ["status", "--json"]);
    expect(OperatorStatus.parse(JSON.parse(json.output)).health.ok).toBe(true);
  });

  it("says what is wrong", async () => {
    expect(await runOps(system().url, ["status"], { OPS_TOKEN: "" })).toMatchObject({
      exitCode: 2,
      output: expect.stringContaining("OPS_TOKEN is required"),
    });
    expect(await runOps(system().url, ["status"], { OPS_TOKEN: "wrong" })).toMatchObject({
      exitCode: 1,
      output: expect.stringContaining("No valid operator's token"),
    });
    expect(await runOps(system().url, ["dance"])).toMatchObject({
      exitCode: 2,
      output: expect.stringContaining("There is no command dance."),
    });
  });
});
