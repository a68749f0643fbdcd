import { expect, it } from "vitest";
import { livingInstances } from "./instances.ts";

it("lists the buckets whose leases last, with their sockets", () => {
  const leases = ["eu:3", "1000", "eu:12", 2000, "us:0", "3000"];
  expect(livingInstances(leases, ["eu:3", "5", "eu:12", "7"], 1_500)).toEqual([
    { serverId: "eu", bucket: 12, sockets: 7 },
    { serverId: "us", bucket: 0, sockets: 0 },
  ]);
});
