import { expect, it } from "vitest";
import type { ConnectServer } from "../../lib/connect-servers.ts";
import { UserId } from "../../schema/wire/ids.ts";
import { pickServer } from "./pick-server.ts";

const eu: ConnectServer = { serverId: "eu", locationHint: "weur" };
const us: ConnectServer = { serverId: "us", locationHint: "enam" };
const users = Array.from({ length: 50 }, (_, index) => UserId.parse(String(1000 + index)));

it("picks a server on the person's continent", () => {
  for (const user of users) {
    expect(pickServer([us, eu], user, "EU")).toBe(eu);
    expect(pickServer([us, eu], user, "NA")).toBe(us);
  }
});

it("spreads people over all servers when none is on their continent, each always to the same one", () => {
  const picked = users.map((user) => pickServer([us, eu], user, undefined));
  expect(new Set(picked)).toEqual(new Set([us, eu]));
  expect(users.map((user) => pickServer([us, eu], user, "AN"))).toEqual(picked);
});
