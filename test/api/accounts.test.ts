import { randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { sessions } from "../../schema/tables/sessions.ts";
import type { Session, SignedIn } from "../../schema/wire/account.ts";
import type { Page } from "../../schema/wire/page.ts";
import type { Me } from "../../schema/wire/user.ts";
import { Client, request } from "../harness/client.ts";
import { useSystem } from "../harness/use-system.ts";
import { readPages } from "./pages.ts";
import { expectProblem } from "./problem.ts";

const system = useSystem({ env: { PASSWORD_COST: "1024" } });
const post = <Body>(path: string, body: unknown, headers = {}) =>
  request<Body>(system().url, "POST", path, { body, headers });
const password = "correct horse battery";
/** The rows of a person's sessions. */
async function sessionsOf({ user }: Client): Promise<{ id: string }[]> {
  const database = await system().database();
  return database.select({ id: sessions.id }).from(sessions).where(eq(sessions.userId, user.id));
}
/** Makes a person's only session this many days older. */
async function ageSession(client: Client, days: number): Promise<{ sessionId: string }> {
  const [row] = await sessionsOf(client);
  if (row === undefined) throw new Error("there is no session");
  const { rowCount } = await (await system().database()).execute(sql`
    UPDATE sessions SET created_at = created_at - ${days} * interval '1 day',
      used_at = used_at - ${days} * interval '1 day', expires_at = expires_at - ${days} * interval '1 day',
      ended_at = ended_at - ${days} * interval '1 day'
    WHERE user_id = ${client.user.id}`);
  expect(rowCount).toBe(1);
  return { sessionId: row.id };
}
const aName = () => `user-${randomUUID().slice(0, 12)}`;

describe("registering", () => {
  it("creates an account and signs in", async () => {
    const username = aName();
    const { status, body } = await post<SignedIn>("/auth/register", { username, password });
    expect(status).toBe(201);
    expect(body).toEqual({
      user: {
        id: expect.stringMatching(/^[1-9]\d{0,18}$/),
        username,
        displayName: username,
        avatarUrl: null,
      },
      accessToken: expect.any(String),
      refreshToken: expect.any(String),
      expiresIn: expect.any(Number),
    });
    const me = await request(system().url, "GET", "/users/me", { token: body.accessToken });
    expect(me).toMatchObject({ status: 200, body: body.user });
  });

  it("accepts names of any script, and compares them folded", async () => {
    const tail = randomUUID().slice(0, 8);
    expect((await post("/auth/register", { username: `Straße.名${tail}`, password })).status).toBe(201);
    expectProblem(
      await post("/auth/register", { username: `STRASSE.名${tail}`, password }),
      "username_taken",
    );
    for (const username of [`ｓtrasse.名${tail}`, `STRAẞE.名${tail}`]) {
      expectProblem(await post("/auth/register", { username, password }), "username_taken");
    }
  });

  it("accepts Chinese names of two characters", async () => {
    const { status, body } = await post<SignedIn>("/auth/register", { username: "王伟", password });
    expect(status).toBe(201);
    expect(body.user).toMatchObject({ username: "王伟", displayName: "王伟" });
    const { body: again } = await post<SignedIn>("/auth/login", { username: "王伟", password });
    expect(again.user).toEqual(body.user);
    expectProblem(await post("/auth/register", { username: "王伟", password }), "username_taken");
  });

  it("reports the allowed length of a user name", async () => {
    for (const username of ["王", "x", "名".repeat(33)]) {
      const response = await post("/auth/register", { username, password });
      expect(response.body).toMatchObject({
        errors: [{ path: "username", message: "must have 2 to 32 characters" }],
      });
    }
    expect((await post("/auth/register", { username: "名".repeat(32), password })).status).toBe(201);
  });

  it("gives a name to only one of several concurrent requests", async () => {
    const username = aName();
    const responses = await Promise.all(
      Array.from({ length: 5 }, () => post("/auth/register", { username, password })),
    );
    expect(responses.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409]);
  });

  it.each([
    ["a name of one character", { username: "王" }, "username"],
    ["a name with spaces", { username: "a b c" }, "username"],
    ["a short password", { password: "seven77" }, "password"],
    ["a long password", { password: "x".repeat(129) }, "password"],
    ["a display name that cannot be stored", { displayName: "a\u0000b" }, "displayName"],
    ["a name that is a number", { username: 12345 }, "username"],
  ])("refuses %s, and names the field", async (_, wrong, path) => {
    const response = await post("/auth/register", { username: aName(), password, ...wrong });
    expectProblem(response, "invalid_request");
    expect(response.body).toMatchObject({ errors: [{ path, message: expect.any(String) }] });
  });
});

describe("logging in", () => {
  it("finds the account by the folded name", async () => {
    const { user } = await Client.register(system().url);
    const response = await post<SignedIn>("/auth/login", { username: user.username.toUpperCase(), password });
    expect(response.status).toBe(200);
    expect(response.body.user).toEqual(user);
  });

  it("returns the same problem for an unknown name and for a wrong password", async () => {
    const { user } = await Client.register(system().url);
    const wrong = await post("/auth/login", { username: user.username, password: "something else" });
    const unknown = await post("/auth/login", { username: aName(), password });
    expectProblem(wrong, "bad_credentials");
    expect(unknown.body).toEqual(wrong.body);
    expectProblem(await post("/auth/login", { username: "\u0000", password }), "invalid_request");
  });
});

describe("refreshing", () => {
  const refresh = (refreshToken: string) => post<SignedIn>("/auth/refresh", { refreshToken });

  it("returns new tokens every time", async () => {
    let { session } = await Client.register(system().url);
    for (let turn = 0; turn < 3; turn++) {
      const { status, body } = await refresh(session.refreshToken);
      expect(status).toBe(200);
      expect(body.refreshToken).not.toBe(session.refreshToken);
      session = body;
    }
    expect((await request(system().url, "GET", "/users/me", { token: session.accessToken })).status).toBe(
      200,
    );
  });

  it("ends the whole session when a token is used again", async () => {
    const client = await Client.register(system().url);
    const socket = await client.connect();
    const { body: renewed } = await refresh(client.session.refreshToken);
    expectProblem(await refresh(client.session.refreshToken), "invalid_refresh_token");
    expectProblem(await refresh(renewed.refreshToken), "invalid_refresh_token");
    const me = await request(system().url, "GET", "/users/me", { token: renewed.accessToken });
    expectProblem(me, "unauthenticated");
    expect((await socket.closed).code).toBe(4001);
  });

  it("accepts a token at most once, also in concurrent requests", async () => {
    const { session } = await Client.register(system().url);
    const responses = await Promise.all(Array.from({ length: 4 }, () => refresh(session.refreshToken)));
    expect(responses.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
  });

  it("refuses an invalid refresh token", async () => {
    const { session } = await Client.register(system().url);
    expectProblem(await refresh("nonsense"), "invalid_refresh_token");
    expectProblem(await refresh(session.accessToken), "invalid_refresh_token");
    expectProblem(await refresh(`${session.refreshToken.slice(0, -4)}AAAA`), "invalid_refresh_token");
  });
});

describe("a browser's session", () => {
  const ask = <Body>(path: string, body: object, headers: Record<string, string> = {}) =>
    request<Body>(system().url, "POST", path, { body: { ...body, cookie: true }, headers });
  /** The cookie of a response as a browser sends it back, and its attributes. */
  const cookieOf = (headers: Headers) => {
    const [pair = "", ...attributes] = (headers.get("set-cookie") ?? "").split("; ");
    return { cookie: pair, attributes: attributes.map((text) => text.toLowerCase()) };
  };
  const own = () => ({ origin: system().url });

  it("has its refresh token in a cookie that no script can read", async () => {
    const username = aName();
    const registered = await ask<SignedIn>("/auth/register", { username, password }, own());
    expect(registered.status).toBe(201);
    expect(Object.keys(registered.body).sort()).toEqual(["accessToken", "expiresIn", "user"]);
    const first = cookieOf(registered.headers);
    expect(first.attributes).toEqual(
      expect.arrayContaining(["httponly", "samesite=strict", "path=/api/v1/auth", "max-age=5184000"]),
    );

    const refreshed = await ask<SignedIn>("/auth/refresh", {}, { ...own(), cookie: first.cookie });
    expect(refreshed.status).toBe(200);
    expect(refreshed.body).not.toHaveProperty("refreshToken");
    const second = cookieOf(refreshed.headers);
    expect(second.cookie).not.toBe(first.cookie);
    expectProblem(
      await ask("/auth/refresh", {}, { ...own(), cookie: first.cookie }),
      "invalid_refresh_token",
    );
    expectProblem(
      await ask("/auth/refresh", {}, { ...own(), cookie: second.cookie }),
      "invalid_refresh_token",
    );

    const again = await ask<SignedIn>("/auth/login", { username, password }, own());
    const token = again.body.accessToken;
    const { cookie } = cookieOf(again.headers);
    const headers = { cookie, authorization: `Bearer ${token}` };
    const gone = await request(system().url, "POST", "/auth/logout", { headers });
    expect(gone.status).toBe(204);
    expect(cookieOf(gone.headers).attributes).toContain("max-age=0");
  });

  it("is not begun or renewed for a page of another origin", async () => {
    const { user, session } = await Client.register(system().url);
    const foreign = { origin: "https://attacker.example" };
    const cookie = `edge_im_refresh=${session.refreshToken}`;
    expectProblem(await ask("/auth/refresh", {}, { ...foreign, cookie }), "origin_not_allowed");
    expectProblem(await ask("/auth/refresh", {}, { origin: "null", cookie }), "origin_not_allowed");
    const { username } = user;
    expectProblem(await ask("/auth/login", { username, password }, foreign), "origin_not_allowed");
    expectProblem(
      await ask("/auth/register", { username: aName(), password }, foreign),
      "origin_not_allowed",
    );
    expect((await ask("/auth/refresh", {}, { ...own(), cookie })).status).toBe(200);
  });

  it("is not renewed by a cookie that the request does not ask to use", async () => {
    const { session } = await Client.register(system().url);
    const headers = { cookie: `edge_im_refresh=${session.refreshToken}` };
    const response = await request(system().url, "POST", "/auth/refresh", { body: {}, headers });
    expectProblem(response, "invalid_request");
    expectProblem(await ask("/auth/refresh", {}), "invalid_refresh_token");
  });
});

describe("sessions", () => {
  it("end with a logout, and their sockets close", async () => {
    const client = await Client.register(system().url);
    const socket = await client.connect();
    expect((await client.ask("POST", "/auth/logout")).status).toBe(204);
    expectProblem(await client.ask("GET", "/users/me"), "unauthenticated");
    const { refreshToken } = client.session;
    expectProblem(await post("/auth/refresh", { refreshToken }), "invalid_refresh_token");
    expect((await socket.closed).code).toBe(4001);
  });

  it("are listed, the newest first, and can be ended from another session", async () => {
    const first = await Client.register(system().url);
    const second = await first.loginAgain();
    const { items } = await second.do<Page<Session>>("GET", "/auth/sessions");
    expect(items.map(({ current }) => current)).toEqual([true, false]);
    expect((await readPages<Session>(second, "/auth/sessions", 1)).flat()).toEqual(items);

    expect((await second.ask("DELETE", `/auth/sessions/${items[1]?.id}`)).status).toBe(204);
    expectProblem(await first.ask("GET", "/users/me"), "unauthenticated");
    expectProblem(await second.ask("DELETE", `/auth/sessions/${items[1]?.id}`), "session_not_found");
    expect((await second.do<Page<Session>>("GET", "/auth/sessions")).items).toHaveLength(1);
  });

  it("expire when their refresh token has not been used for 60 days", async () => {
    const client = await Client.register(system().url);
    const { sessionId: used } = await ageSession(client, 59);
    const { status, body } = await post<SignedIn>("/auth/refresh", client.session);
    expect(status).toBe(200);
    client.session = body;
    expect((await ageSession(client, 59)).sessionId).toBe(used);
    expect((await client.do<Page<Session>>("GET", "/auth/sessions")).items).toHaveLength(1);

    await ageSession(client, 2);
    expectProblem(await post("/auth/refresh", { refreshToken: body.refreshToken }), "invalid_refresh_token");
    expect((await client.do<Page<Session>>("GET", "/auth/sessions")).items).toEqual([]);
    expectProblem(await client.ask("DELETE", `/auth/sessions/${used}`), "session_not_found");
    const { username } = client.user;
    expect((await post("/auth/login", { username, password })).status).toBe(200);
  });

  it("are deleted by cron a day after they have ended or expired, and not before", async () => {
    const [live, expired, gone, ended, over] = await Client.registerMany(system().url, 5);
    if (!live || !expired || !gone || !ended || !over) throw new Error("five were registered");
    await ageSession(expired, 61);
    await ageSession(gone, 62);
    await ended.do("POST", "/auth/logout");
    await over.do("POST", "/auth/logout");
    await ageSession(over, 2);
    await system().cron();
    const everybody = [live, expired, gone, ended, over];
    const kept = await Promise.all(everybody.map(async (client) => (await sessionsOf(client)).length));
    expect(kept).toEqual([1, 1, 0, 1, 0]);
    expectProblem(await post("/auth/refresh", gone.session), "invalid_refresh_token");
  });

  it("end all at once, except the one that asks", async () => {
    const here = await Client.register(system().url);
    const [there, elsewhere] = await Promise.all([here.loginAgain(), here.loginAgain()]);
    const [hers, theirs] = await Promise.all([here.connect(), there.connect()]);
    expect((await here.ask("DELETE", "/auth/sessions")).status).toBe(204);
    expect((await theirs.closed).code).toBe(4001);
    for (const client of [there, elsewhere]) {
      expectProblem(await client.ask("GET", "/users/me"), "unauthenticated");
      const { refreshToken } = client.session;
      expectProblem(await post("/auth/refresh", { refreshToken }), "invalid_refresh_token");
    }
    const { items } = await here.do<Page<Session>>("GET", "/auth/sessions");
    expect(items.map(({ current }) => current)).toEqual([true]);
    await hers.ping();
    expect((await here.ask("DELETE", "/auth/sessions")).status).toBe(204);
  });

  it("of other people are not found", async () => {
    const [mine, theirs] = await Promise.all([Client.register(system().url), Client.register(system().url)]);
    const { items } = await theirs.do<Page<Session>>("GET", "/auth/sessions");
    expectProblem(await mine.ask("DELETE", `/auth/sessions/${items[0]?.id}`), "session_not_found");
    expectProblem(await mine.ask("DELETE", "/auth/sessions/%00"), "session_not_found");
    expect((await theirs.ask("GET", "/users/me")).status).toBe(200);
  });

  it("end with a change of password, except the one that changed it", async () => {
    const here = await Client.register(system().url);
    const there = await here.loginAgain();
    const wrong = await here.ask("PUT", "/users/me/password", { current: "wrong one", next: "new password" });
    expectProblem(wrong, "bad_credentials");
    const change = { current: password, next: "new password" };
    expect((await here.ask("PUT", "/users/me/password", change)).status).toBe(204);
    expectProblem(await there.ask("GET", "/users/me"), "unauthenticated");
    expect((await here.ask("GET", "/users/me")).status).toBe(200);
    const { username } = here.user;
    expectProblem(await post("/auth/login", { username, password }), "bad_credentials");
    expect((await post("/auth/login", { username, password: "new password" })).status).toBe(200);
  });
});

describe("the caller's profile", () => {
  it("changes only the given fields", async () => {
    const client = await Client.register(system().url);
    const renamed = await client.do<Me>("PATCH", "/users/me", { displayName: "  Somebody  " });
    expect(renamed).toEqual({ ...client.user, displayName: "Somebody", lastSeen: "friends" });
    const username = aName();
    const again = await client.do<Me>("PATCH", "/users/me", { username });
    expect(again).toEqual({ ...renamed, username });
    expect(await client.do("PATCH", "/users/me", {})).toEqual(again);
    expect(await client.do("GET", "/users/me")).toEqual(again);
  });

  it("shows what people say about themselves, until they remove it", async () => {
    const [client, other] = await Promise.all([Client.register(system().url), Client.register(system().url)]);
    const about = "Likes 山".repeat(25);
    expect(await client.do("PATCH", "/users/me", { about: `  ${about} ` })).toMatchObject({ about });
    expect(await other.do("GET", `/users/${client.user.id}`)).toEqual({ ...client.user, about });
    const { username } = client.user;
    expect((await post<SignedIn>("/auth/login", { username, password })).body.user).toMatchObject({ about });
    expectProblem(await client.ask("PATCH", "/users/me", { about: "x".repeat(201) }), "invalid_request");
    await client.do("PATCH", "/users/me", { about: "" });
    expect(await other.do("GET", `/users/${client.user.id}`)).toEqual(client.user);
  });

  it("refuses a user name that is taken, and fields that cannot be changed", async () => {
    const [one, other] = await Promise.all([Client.register(system().url), Client.register(system().url)]);
    const { username } = other.user;
    expectProblem(await one.ask("PATCH", "/users/me", { username }), "username_taken");
    expectProblem(await one.ask("PATCH", "/users/me", { id: "1" }), "invalid_request");
    expectProblem(await one.ask("PATCH", "/users/me", { lastSeen: "everybody" }), "invalid_request");
  });
});
