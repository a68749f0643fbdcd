import { describe, expect, it } from "vitest";
import { bucketsOf, faultsIn, type Plan, queuesOf, readPlan } from "./plan.ts";
import { describePlan } from "./report.ts";

describe("the checked-in configurations", async () => {
  const plan = await readPlan();

  it("fit together", () => {
    expect(faultsIn(plan)).toEqual([]);
  });

  it("use one queue and one bucket", () => {
    expect(queuesOf(plan)).toEqual(["edge-im-drain"]);
    expect(bucketsOf(plan)).toEqual(["edge-im-media"]);
  });

  it("are described with all that is bound", () => {
    const description = describePlan(plan);
    for (const part of [
      ...["BUCKETS: the Durable Object Bucket, 4 on each server: local (near its first client)"],
      ...["LOGIC: the Worker edge-im-logic", "SELF: the Worker edge-im-task", "cron * * * * *"],
      ...["DRAIN_QUEUE: sends to the queue edge-im-drain", "receives from the queue edge-im-drain"],
      ...["MEDIA: the R2 bucket edge-im-media", "IMAGES: Cloudflare Images", "the web client"],
      ...["ADDRESS_LIMIT: 3000 requests in 60 s, in each location", "placed by smart"],
    ]) {
      expect(description).toContain(`\n  ${part}`);
    }
  });

  const changed = (change: (plan: Plan) => void) => {
    const copy = structuredClone(plan);
    change(copy);
    return faultsIn(copy);
  };

  it.each<[string, (plan: Plan) => void, string]>([
    [
      "servers that differ",
      ({ api }) => {
        api.vars.CONNECT_SERVERS = "eu=weur";
      },
      "CONNECT_SERVERS must be the same wherever it is: local and eu=weur.",
    ],
    [
      "a number of buckets that differs",
      ({ connect }) => {
        connect.vars.BUCKETS_PER_SERVER = "8";
      },
      "BUCKETS_PER_SERVER must be the same wherever it is: 8 and 4.",
    ],
    [
      "an unknown location hint",
      ({ api, connect }) => {
        api.vars.CONNECT_SERVERS = "eu=europe";
        connect.vars.CONNECT_SERVERS = "eu=europe";
      },
      "CONNECT_SERVERS: unknown location hint europe.",
    ],
    [
      "a binding to a Worker of another name",
      ({ task }) => {
        task.name = "chat-task";
      },
      "edge-im-logic binds TASK to edge-im-task, which is none of the Workers.",
    ],
    [
      "a queue that nobody empties",
      ({ task }) => {
        task.queues.consumers = [];
      },
      "The queue edge-im-drain must have exactly one consumer.",
    ],
    [
      "a connect that is placed",
      ({ connect }) => {
        connect.placement = { mode: "smart" };
      },
      "connect must not be placed: it would take every socket away from where its client is.",
    ],
  ])("do not with %s", (_, change, fault) => {
    expect(changed(change)).toContain(fault);
  });
});
