import { describe, expect, it } from "vitest";
import { UserId } from "../schema/wire/ids.ts";
import { bucketOf, ConnectServers } from "./connect-servers.ts";

describe("CONNECT_SERVERS", () => {
  it("reads servers with and without a location hint", () => {
    expect(ConnectServers.parse("eu=weur, us")).toEqual([
      { serverId: "eu", locationHint: "weur" },
      { serverId: "us", locationHint: undefined },
    ]);
  });

  it.each([
    ["", "must be <serverId>"],
    ["eu=mars", "unknown location hint mars"],
    ["EU", "must be <serverId>"],
    ["eu,eu=weur", "names a server twice"],
  ])("refuses %j", (text, reason) => {
    expect(
      ConnectServers.safeParse(text)
        .error?.issues.map(({ message }) => message)
        .join(),
    ).toContain(reason);
  });
});

describe("the bucket of a person", () => {
  it("is the CityHash32 of the id in decimal, modulo the number of buckets", () => {
    const bucket = bucketOf(UserId.parse("1234567890123456789"), 64);
    expect(bucket).toBeGreaterThanOrEqual(0);
    expect(bucket).toBeLessThan(64);
    expect(bucketOf(UserId.parse("1234567890123456789"), 1)).toBe(0);
  });
});
