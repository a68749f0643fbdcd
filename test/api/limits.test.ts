import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { SignedIn } from "../../schema/wire/account.ts";
import { type ApiResponse, Client, request } from "../harness/client.ts";
import { twoFriends } from "../harness/people.ts";
import { useSystem } from "../harness/use-system.ts";
import { expectProblem } from "./problem.ts";

// Windows of a day, so that none ends during a test. Behind a proxy, which the tests are: they say who asks.
const system = useSystem({
  program: "serve",
  env: {
    SERVE_PROCESSES: "one",
    TRUSTED_PROXY: "on",
    PASSWORD_COST: "1024",
    CRON_SECONDS: "86400",
    RATE_LIMIT_LOGIN: "3/86400",
    RATE_LIMIT_LOGIN_ACCOUNT: "5/86400",
    RATE_LIMIT_LOGIN_ADDRESS: "12/86400",
    RATE_LIMIT_REGISTER: "30/86400",
    RATE_LIMIT_REFRESH: "3/86400",
    RATE_LIMIT_REFRESH_ADDRESS: "4/86400",
    RATE_LIMIT_PASSWORD: "2/86400",
    RATE_LIMIT_API: "20/86400",
    ADDRESS_LIMIT: "400",
    ACCOUNT_OPERATION_RATE: "1",
    ACCOUNT_OPERATION_BURST: "5",
  },
});

const password = "correct horse battery";
const aName = () => `user-${randomUUID().slice(0, 12)}`;
let lastAddress = 0;
/** An address without earlier requests. */
function anAddress(): string {
  lastAddress += 1;
  return `203.0.113.${lastAddress}`;
}

/** Sends a request from an address. */
const post = <Body>(path: string, address: string, body: unknown) =>
  request<Body>(system().url, "POST", path, { body, headers: { "X-Forwarded-For": address } });
const logIn = (username: string, address: string, tried = password) =>
  post<SignedIn>("/auth/login", address, { username, password: tried });
const refresh = (refreshToken: string, address: string) =>
  post<SignedIn>("/auth/refresh", address, { refreshToken });

/** The codes of consecutive responses: `ok` when there was no problem. */
async function codes(count: number, ask: (turn: number) => Promise<ApiResponse<unknown>>): Promise<string[]> {
  const found: string[] = [];
  for (let turn = 0; turn < count; turn += 1) {
    const { status, body } = await ask(turn);
    found.push(status < 400 ? "ok" : (body as { code: string }).code);
  }
  return found;
}
const bad = (count: number) => Array<string>(count).fill("bad_credentials");
const limited = (count: number) => Array<string>(count).fill("rate_limited");
const ok = (count: number) => Array<string>(count).fill("ok");

describe("a login is limited", () => {
  it("by account and address, so that the owner can log in from another address", async () => {
    const { user } = await Client.register(system().url);
    const [stranger, home] = [anAddress(), anAddress()];
    const guesses = await codes(9, (turn) => logIn(user.username, stranger, `guess number ${turn}`));
    expect(guesses).toEqual([...bad(3), ...limited(6)]);
    const refused = await logIn(user.username, stranger);
    expectProblem(refused, "rate_limited");
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await logIn(user.username, home)).status).toBe(200);
  });

  it("by account, across all addresses", async () => {
    const { user } = await Client.register(system().url);
    const guesses = await codes(7, () => logIn(user.username, anAddress(), "a wrong guess"));
    expect(guesses).toEqual([...bad(5), ...limited(2)]);
    const { user: neighbour } = await Client.register(system().url);
    expect((await logIn(neighbour.username, anAddress())).status).toBe(200);
  });

  it("for unknown names as for existing ones", async () => {
    const { user } = await Client.register(system().url);
    const guess = (name: string) => {
      const address = anAddress();
      return codes(5, () => logIn(name, address, "a wrong guess"));
    };
    expect(await guess(aName())).toEqual(await guess(user.username));
  });

  it("by the folded name", async () => {
    const address = anAddress();
    const name = aName();
    const spellings = [name, name.toUpperCase(), `${name[0]?.toUpperCase()}${name.slice(1)}`, name];
    expect(await codes(4, (turn) => logIn(spellings[turn] ?? name, address))).toEqual([
      ...bad(3),
      "rate_limited",
    ]);
  });

  it("by address, across all accounts", async () => {
    const address = anAddress();
    expect(await codes(14, () => logIn(aName(), address))).toEqual([...bad(12), ...limited(2)]);
    expectProblem(await logIn(aName(), anAddress()), "bad_credentials");
  });

  it("by the network of an IPv6 address", async () => {
    const from = (turn: number) => `2001:db8:0:1::${turn.toString(16)}`;
    expect(await codes(13, (turn) => logIn(aName(), from(turn)))).toEqual([...bad(12), ...limited(1)]);
    expectProblem(await logIn(aName(), "2001:db8:0:2::1"), "bad_credentials");
  });

  it("for concurrent requests, too", async () => {
    const { user } = await Client.register(system().url);
    const address = anAddress();
    const responses = await Promise.all(
      Array.from({ length: 8 }, () => logIn(user.username, address, "a wrong guess")),
    );
    expect(responses.filter(({ status }) => status === 401)).toHaveLength(3);
    expect(responses.filter(({ status }) => status === 429)).toHaveLength(5);
  });
});

describe("a registration is limited", () => {
  it("by address", async () => {
    const address = anAddress();
    const register = () => post("/auth/register", address, { username: aName(), password });
    expect(await codes(31, register)).toEqual([...ok(30), "rate_limited"]);
    expect((await post("/auth/register", anAddress(), { username: aName(), password })).status).toBe(201);
  });
});

describe("a refresh is limited", () => {
  it("by session, independently of others at the same address", async () => {
    const address = anAddress();
    const clients = await Client.registerMany(system().url, 4);
    const turns = clients.map(async ({ session }) => {
      let { refreshToken } = session;
      return codes(4, async () => {
        const response = await refresh(refreshToken, address);
        if (response.status === 200) refreshToken = response.body.refreshToken;
        return response;
      });
    });
    expect(await Promise.all(turns)).toEqual(clients.map(() => [...ok(3), "rate_limited"]));
  });

  it("by address for invalid tokens, without affecting sessions at that address", async () => {
    const address = anAddress();
    const { session } = await Client.register(system().url);
    const codesOfNonsense = await codes(6, () => refresh("nonsense", address));
    expect(codesOfNonsense).toEqual([...Array(4).fill("invalid_refresh_token"), ...limited(2)]);
    expect((await refresh(session.refreshToken, address)).status).toBe(200);
  });
});

describe("a signed-in user is limited", () => {
  it("in changes of the password, separately from other requests", async () => {
    const client = await Client.register(system().url);
    const change = { current: "not the password", next: "another password" };
    expect(await codes(3, () => client.ask("PUT", "/users/me/password", change))).toEqual([
      ...bad(2),
      "rate_limited",
    ]);
    expect((await client.ask("GET", "/users/me")).status).toBe(200);
  });

  it("in all other requests, with Retry-After", async () => {
    const [fast, calm] = await Client.registerMany(system().url, 2);
    if (!fast || !calm) throw new Error("two were registered");
    const responses = await Promise.all(Array.from({ length: 30 }, () => fast.ask("GET", "/users/me")));
    const refused = responses.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(10);
    for (const response of refused) {
      expectProblem(response, "rate_limited");
      expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    }
    expect((await calm.ask("GET", "/users/me")).status).toBe(200);
  });
});

describe("operations on sockets are limited", () => {
  it("by account, with the time after which they are accepted, and the socket stays", async () => {
    const { ada, conversation } = await twoFriends(system().url);
    const sockets = await Promise.all([ada.connect(), ada.connect()]);
    const [first, second] = sockets;
    const accepted = () => sockets.flatMap((socket) => socket.all("accepted"));
    for (let turn = 0; turn < 3; turn += 1) for (const socket of sockets) socket.send(conversation, "again");
    await expect.poll(() => accepted().length).toBeGreaterThanOrEqual(5);
    const refused = second.send(conversation, "once too often");
    const { problem, retryAfter = 0 } = await second.next("rejected", ({ clientId }) => clientId === refused);
    expect(problem).toMatchObject({ code: "rate_limited", status: 429 });
    expect(retryAfter).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, retryAfter * 1_000 + 100));
    await second.sendAccepted(conversation, "in time");
    await Promise.all([first.close(), second.close()]);
  });
});

describe("every request is limited", () => {
  it("by address, before anything else is done for it", async () => {
    const address = anAddress();
    const ask = (from: string) =>
      request(system().url, "GET", "/nothing", { headers: { "X-Forwarded-For": from } });
    const responses: ApiResponse<unknown>[] = [];
    // Two windows' worth, in case that one ends meanwhile.
    while (responses.length < 810 && responses.at(-1)?.status !== 429) responses.push(await ask(address));
    const refused = responses.at(-1);
    if (refused === undefined) throw new Error("requests were sent");
    expectProblem(refused, "rate_limited");
    expect(refused.headers.get("retry-after")).toBe("60");
    expectProblem(await ask(anAddress()), "not_found");
  });
});

describe("counting a use", () => {
  it("takes one round trip a limit, and none of its own for a signed-in request, and every key expires", async () => {
    const client = await Client.register(system().url);
    const address = anAddress();
    const roundTrips = async (ask: () => Promise<unknown>) => {
      const before = (await system().gatewayStats()).redis.requests;
      await ask();
      return (await system().gatewayStats()).redis.requests - before;
    };
    expect(await roundTrips(() => logIn(client.user.username, address))).toBe(3);
    expect(await roundTrips(() => refresh(client.session.refreshToken, address))).toBe(1);
    expect(await roundTrips(() => client.ask("GET", "/users/me"))).toBe(1);

    const redis = await system().redis();
    const keys = await redis.keys("rate:*");
    expect(keys.length).toBeGreaterThan(5);
    const lives = await Promise.all(keys.map((key) => redis.ttl(key)));
    expect(Math.min(...lives)).toBeGreaterThan(0);
  });
});
