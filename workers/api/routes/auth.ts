import { createHash } from "node:crypto";
import { OpenAPIHono, z } from "@hono/zod-openapi";
import { eq, sql } from "drizzle-orm";
import { personNames } from "../../../lib/names.ts";
import { Problem } from "../../../lib/problem.ts";
import { userColumn } from "../../../lib/views/user.ts";
import { users } from "../../../schema/tables/users.ts";
import {
  Credentials,
  RefreshRequest,
  Registration,
  SignedIn,
  SignedInByCookie,
} from "../../../schema/wire/account.ts";
import { UserId } from "../../../schema/wire/ids.ts";
import { fold } from "../../../schema/wire/text.ts";
import { clientAddress } from "../client-address.ts";
import type { ApiHono } from "../context.ts";
import { hashPassword, verifyNothing, verifyPassword } from "../password.ts";
import { spend, type Use } from "../rate-limit.ts";
import { cookieToken, forgetCookie, requireOwnOrigin, signedIn } from "../refresh-cookie.ts";
import { verifyRefreshToken } from "../refresh-token.ts";
import { json, jsonBody, publicRoute, route } from "../route.ts";
import {
  closeSessions,
  deviceName,
  markEnded,
  newExpiry,
  newSessionId,
  refresh,
  signIn,
} from "../sessions.ts";

const tags = ["Accounts"];

/** A sign-in: with the refresh token, or without it when that is in a cookie. */
const SessionResponse = z.union([SignedIn, SignedInByCookie]);

/** Accounts: register, log in, refresh, log out. */
export const auth = new OpenAPIHono<ApiHono>();

auth.openapi(
  publicRoute(
    {
      method: "post",
      path: "/auth/register",
      tags,
      summary: "Create an account and sign in",
      description:
        "User names are unique after NFKC and case folding. The display name defaults to the user name. With `cookie`, the refresh token is set as a cookie that scripts cannot read, and is not in the response.",
      request: { body: jsonBody(Registration) },
      responses: { 201: json(SessionResponse, "The new account, signed in") },
    },
    "username_taken",
    "origin_not_allowed",
    "rate_limited",
  ),
  async (context) => {
    const { api } = context.var;
    const { username, password, displayName = username, cookie = false } = context.req.valid("json");
    if (cookie) requireOwnOrigin(context);
    await spend(api, { limit: "RATE_LIMIT_REGISTER", subject: clientAddress(context) });
    const sessionId = newSessionId();
    const passwordHash = await hashPassword(password, api.settings.PASSWORD_COST);
    const id = UserId.parse(String((await api.snowflakes.generator(api.redis)).next()));
    const names = personNames(username, displayName);
    const created = await api.database.execute(sql`
      WITH created AS (
        INSERT INTO users (id, username, username_folded, display_name, search_text, search_grams, password_hash)
        VALUES (${id}, ${username}, ${names.usernameFolded}, ${displayName}, ${names.searchText},
                ${sql.param(names.searchGrams)}::text[], ${passwordHash})
        ON CONFLICT (username_folded) DO NOTHING
        RETURNING id
      )
      INSERT INTO sessions (id, user_id, device, expires_at)
      SELECT ${sessionId}, id, ${deviceName(context.req.header("User-Agent"))}, ${newExpiry(api)} FROM created
      RETURNING id`);
    if (created.rows.length === 0) throw new Problem("username_taken");
    const session = await signIn(api, { id, username, displayName, avatarUrl: null }, sessionId);
    return context.json(signedIn(context, session, cookie), 201);
  },
);

auth.openapi(
  publicRoute(
    {
      method: "post",
      path: "/auth/login",
      tags,
      summary: "Sign in",
      description:
        "Each login creates a session. An unknown name and a wrong password get the same response and count towards the same limits. With `cookie` as in a registration.",
      request: { body: jsonBody(Credentials) },
      responses: { 200: json(SessionResponse, "The account, signed in") },
    },
    "bad_credentials",
    "origin_not_allowed",
    "rate_limited",
  ),
  async (context) => {
    const { api } = context.var;
    const { username, password, cookie = false } = context.req.valid("json");
    if (cookie) requireOwnOrigin(context);
    const usernameFolded = fold(username);
    await spend(api, ...usesOfLogin(usernameFolded, clientAddress(context)));
    const [account] = await api.database
      .select({ user: userColumn, passwordHash: users.passwordHash })
      .from(users)
      .where(eq(users.usernameFolded, usernameFolded));
    if (account === undefined || account.passwordHash === null) {
      await verifyNothing(password, api.settings.PASSWORD_COST);
      throw new Problem("bad_credentials");
    }
    if (!(await verifyPassword(password, account.passwordHash))) throw new Problem("bad_credentials");
    const sessionId = newSessionId();
    const device = deviceName(context.req.header("User-Agent"));
    // Only while the hash is still the verified one: a session must not outlive a change of password, or the account.
    const begun = await api.database.execute(sql`
      INSERT INTO sessions (id, user_id, device, expires_at)
      SELECT ${sessionId}, id, ${device}, ${newExpiry(api)} FROM users
       WHERE id = ${account.user.id} AND password_hash = ${account.passwordHash}
         FOR SHARE
      RETURNING id`);
    if (begun.rows.length === 0) throw new Problem("bad_credentials");
    return context.json(signedIn(context, await signIn(api, account.user, sessionId), cookie), 200);
  },
);

auth.openapi(
  publicRoute(
    {
      method: "post",
      path: "/auth/refresh",
      tags,
      summary: "Exchange a refresh token for new tokens",
      description:
        "A refresh token can be used once, and expires when it is not used for `SESSION_DAYS`. A second use ends its session, because the token may have been stolen. With `cookie`, the new one is set as a cookie; without `refreshToken`, the old one is taken from there.",
      request: { body: jsonBody(RefreshRequest) },
      responses: { 200: json(SessionResponse, "The account, with new tokens") },
    },
    "invalid_refresh_token",
    "origin_not_allowed",
    "rate_limited",
  ),
  async (context) => {
    const { api } = context.var;
    const { cookie = false, refreshToken = cookieToken(context) ?? "" } = context.req.valid("json");
    if (cookie) requireOwnOrigin(context);
    const claim = await verifyRefreshToken(api.jwtSecrets, refreshToken);
    if (claim === null) {
      await spend(api, { limit: "RATE_LIMIT_REFRESH_ADDRESS", subject: clientAddress(context) });
      throw new Problem("invalid_refresh_token");
    }
    // By session, not by address: many users may share one.
    await spend(api, { limit: "RATE_LIMIT_REFRESH", subject: claim.sessionId });
    return context.json(signedIn(context, await refresh(api, claim), cookie), 200);
  },
);

auth.openapi(
  route({
    method: "post",
    path: "/auth/logout",
    tags,
    summary: "End this session",
    description: "Its tokens become invalid, and its sockets close with 4001.",
    responses: { 204: { description: "The session has ended" } },
  }),
  async (context) => {
    const { api, caller } = context.var;
    await markEnded(api, caller);
    await closeSessions(api, caller.userId, [caller.sessionId]);
    forgetCookie(context);
    return context.body(null, 204);
  },
);

/** The limits that a login counts towards, whether the user exists or not. Names are hashed to bound the key's length. */
function usesOfLogin(usernameFolded: string, address: string): Use[] {
  const account = createHash("sha256").update(usernameFolded).digest("base64url");
  return [
    { limit: "RATE_LIMIT_LOGIN_ADDRESS", subject: address },
    { limit: "RATE_LIMIT_LOGIN", subject: `${account}:${address}` },
    { limit: "RATE_LIMIT_LOGIN_ACCOUNT", subject: account },
  ];
}
