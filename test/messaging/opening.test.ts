import { describe, expect, it } from "vitest";
import { type ConnectResponse, SUBPROTOCOL, TICKET_PREFIX } from "../../schema/wire/socket.ts";
import { Client } from "../harness/client.ts";
import { twoFriends } from "../harness/people.ts";
import { useSystem } from "../harness/use-system.ts";
import { tryUpgrade } from "./upgrade.ts";

const ORIGIN = "https://chat.example.org";
const system = useSystem({ env: { PASSWORD_COST: "1024", ALLOWED_ORIGINS: ORIGIN } });

const REFUSED = { status: 401, events: [] };

/** A client with a ticket, and the subprotocols that open its socket. */
async function ticketHolder(): Promise<ConnectResponse & { client: Client; protocols: string[] }> {
  const client = await Client.register(system().url);
  const response = await client.do<ConnectResponse>("POST", "/connect");
  return { ...response, client, protocols: [SUBPROTOCOL, `${TICKET_PREFIX}${response.ticket}`] };
}

describe("a ticket", () => {
  it("opens a socket whose first event names its user, session, server and bucket", async () => {
    const { client, url, protocols, serverId, bucket } = await ticketHolder();
    const upgrade = await tryUpgrade(url, protocols);
    expect(upgrade).toMatchObject({ status: 101, protocol: SUBPROTOCOL });
    expect(upgrade.events).toEqual([
      { ev: "ready", userId: client.user.id, sessionId: expect.any(String), serverId, bucket },
    ]);
  });

  it("opens one socket only, also with concurrent attempts", async () => {
    const { url, protocols } = await ticketHolder();
    const upgrades = await Promise.all([1, 2, 3].map(() => tryUpgrade(url, protocols)));
    expect(upgrades.map(({ status }) => status).sort()).toEqual([101, 401, 401]);
    expect(await tryUpgrade(url, protocols)).toMatchObject({
      ...REFUSED,
      problem: { code: "invalid_ticket" },
    });
  });

  it("is refused before the upgrade when it is invalid", async () => {
    const { url } = await ticketHolder();
    for (const ticket of ["x", "", "A".repeat(43)]) {
      const upgrade = await tryUpgrade(url, [SUBPROTOCOL, `${TICKET_PREFIX}${ticket}x`]);
      expect(upgrade).toMatchObject({ ...REFUSED, problem: { code: "invalid_ticket" } });
    }
    expect(await tryUpgrade(url, [SUBPROTOCOL])).toMatchObject(REFUSED);
  });

  it("is refused in another bucket", async () => {
    const { url, bucket, protocols } = await ticketHolder();
    const elsewhere = url.replace(/\d+$/, String((bucket + 1) % 4));
    expect(await tryUpgrade(elsewhere, protocols)).toMatchObject(REFUSED);
  });

  it("is refused after its 30 seconds", async () => {
    const { url, protocols, expiresAt } = await ticketHolder();
    await expect
      .poll(() => Date.now() > Date.parse(expiresAt), { timeout: 40_000, interval: 500 })
      .toBe(true);
    expect(await tryUpgrade(url, protocols)).toMatchObject(REFUSED);
  });

  it("is refused when its session has ended", async () => {
    const { client, url, protocols } = await ticketHolder();
    await client.do("POST", "/auth/logout");
    expect(await tryUpgrade(url, protocols)).toMatchObject(REFUSED);
  });
});

describe("a bearer token in the header", () => {
  it("opens a socket without a ticket, in its owner's bucket only", async () => {
    const { client, url, bucket } = await ticketHolder();
    const headers = { authorization: `Bearer ${client.session.accessToken}` };
    expect(await tryUpgrade(url, [SUBPROTOCOL], headers)).toMatchObject({
      status: 101,
      protocol: SUBPROTOCOL,
      events: [{ ev: "ready", userId: client.user.id }],
    });
    const elsewhere = url.replace(/\d+$/, String((bucket + 1) % 4));
    expect(await tryUpgrade(elsewhere, [SUBPROTOCOL], headers)).toMatchObject(REFUSED);
    const forged = { authorization: `Bearer ${client.session.accessToken.slice(0, -8)}AAAAAAAA` };
    expect(await tryUpgrade(url, [SUBPROTOCOL], forged)).toMatchObject(REFUSED);
  });
});

describe("an origin", () => {
  it("is refused unless it is the server's or a configured one", async () => {
    const { client, url } = await ticketHolder();
    const authorization = `Bearer ${client.session.accessToken}`;
    const from = (origin: string) => tryUpgrade(url, [SUBPROTOCOL], { authorization, origin });
    expect(await from("https://evil.example.org")).toMatchObject({
      status: 403,
      problem: { code: "origin_not_allowed" },
    });
    expect(await from("null")).toMatchObject({ status: 403 });
    expect(await from(`${ORIGIN}.evil.example.org`)).toMatchObject({ status: 403 });
    expect(await from(ORIGIN)).toMatchObject({ status: 101 });
    expect(await from(system().url)).toMatchObject({ status: 101 });
  });
});

describe("the end of a session", () => {
  it("closes its sockets with 4001, and not those of other sessions", async () => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    const elsewhere = await ada.loginAgain();
    const [first, second, other] = await Promise.all([ada.connect(), ada.connect(), elsewhere.connect()]);
    await ada.do("POST", "/auth/logout");
    expect(await first.closed).toMatchObject({ code: 4001 });
    expect(await second.closed).toMatchObject({ code: 4001 });
    await ben.post(conversation, "still there?");
    await other.messages(conversation, 1);
    expect(await ada.ask("POST", "/connect")).toMatchObject({ status: 401 });
  });

  it("follows from the second use of a refresh token", async () => {
    const { ada } = await twoFriends(system().url);
    const socket = await ada.connect();
    const { refreshToken } = ada.session;
    const refreshed = await ada.ask<typeof ada.session>("POST", "/auth/refresh", { refreshToken });
    expect(refreshed.status).toBe(200);
    ada.session = refreshed.body;
    await socket.ping();
    expect(await ada.ask("POST", "/auth/refresh", { refreshToken })).toMatchObject({ status: 401 });
    expect(await socket.closed).toMatchObject({ code: 4001 });
    expect(await ada.ask("POST", "/connect")).toMatchObject({ status: 401 });
  });
});
