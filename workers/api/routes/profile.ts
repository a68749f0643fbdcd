import { OpenAPIHono } from "@hono/zod-openapi";
import { and, eq, isNull, ne, type SQL, sql } from "drizzle-orm";
import type { Database } from "../../../lib/database.ts";
import { personNames } from "../../../lib/names.ts";
import { Problem } from "../../../lib/problem.ts";
import { isUniqueViolation } from "../../../lib/unique-violation.ts";
import { meColumn } from "../../../lib/views/user.ts";
import { sessions } from "../../../schema/tables/sessions.ts";
import { users } from "../../../schema/tables/users.ts";
import { AccountDeletion, PasswordChange } from "../../../schema/wire/account.ts";
import { ExportLine } from "../../../schema/wire/export.ts";
import type { UserId } from "../../../schema/wire/ids.ts";
import { Me, ProfileChange } from "../../../schema/wire/user.ts";
import type { ApiHono } from "../context.ts";
import { exportOf } from "../export.ts";
import { hashPassword, verifyPassword } from "../password.ts";
import { json, jsonBody, limitedRoute, route } from "../route.ts";
import { closeSessions } from "../sessions.ts";

const tags = ["Accounts"];

/** The caller's own account. */
export const profile = new OpenAPIHono<ApiHono>();

profile.openapi(
  route({
    method: "get",
    path: "/users/me",
    tags,
    summary: "Get the caller",
    responses: { 200: json(Me, "The caller, with the settings that only they see") },
  }),
  async (context) => {
    const { api, caller } = context.var;
    const [found] = await api.database.select({ me: meColumn }).from(users).where(isAlive(caller.userId));
    if (found === undefined) throw new Problem("unauthenticated");
    return context.json(found.me, 200);
  },
);

profile.openapi(
  route(
    {
      method: "patch",
      path: "/users/me",
      tags,
      summary: "Change the caller's names and settings",
      description:
        "Fields that are left out do not change; an empty `about` removes it. With `lastSeen` set to `nobody`, nobody sees when the caller was last seen, and the caller does not see it of others.",
      request: { body: jsonBody(ProfileChange) },
      responses: { 200: json(Me, "The changed caller") },
    },
    "username_taken",
  ),
  async (context) => {
    const { api, caller } = context.var;
    try {
      const me = await changeProfile(api.database, caller.userId, context.req.valid("json"));
      return context.json(me, 200);
    } catch (fault) {
      if (isUniqueViolation(fault)) throw new Problem("username_taken");
      throw fault;
    }
  },
);

profile.openapi(
  limitedRoute(
    "RATE_LIMIT_PASSWORD",
    {
      method: "put",
      path: "/users/me/password",
      tags,
      summary: "Change the caller's password",
      description: "Every other session of the caller ends.",
      request: { body: jsonBody(PasswordChange) },
      responses: { 204: { description: "The password is changed" } },
    },
    "bad_credentials",
  ),
  async (context) => {
    const { api, caller } = context.var;
    const { current, next } = context.req.valid("json");
    const hash = await verifiedHash(api.database, caller.userId, current);
    const passwordHash = await hashPassword(next, api.settings.PASSWORD_COST);
    // Only if the hash is still the verified one: of two concurrent changes, one wins.
    const unchanged = and(eq(users.id, caller.userId), eq(users.passwordHash, hash));
    const [changed, ended] = await api.database.batch([
      api.database.update(users).set({ passwordHash }).where(unchanged).returning({ id: users.id }),
      api.database
        .update(sessions)
        .set({ endedAt: sql`now()` })
        .where(
          and(
            eq(sessions.userId, caller.userId),
            ne(sessions.id, caller.sessionId),
            isNull(sessions.endedAt),
            sql`EXISTS (SELECT 1 FROM users WHERE id = ${caller.userId} AND password_hash = ${passwordHash})`,
          ),
        )
        .returning({ id: sessions.id }),
    ]);
    if (changed.length === 0)
      throw new Problem("bad_credentials", { detail: "The password has just changed" });
    await closeSessions(
      api,
      caller.userId,
      ended.map(({ id }) => id),
    );
    return context.body(null, 204);
  },
);

profile.openapi(
  limitedRoute(
    "RATE_LIMIT_PASSWORD",
    {
      method: "delete",
      path: "/users/me",
      tags,
      summary: "Delete the caller's account",
      description:
        "At once and for ever: every session ends, the names are free again, friendships, requests, blocks and memberships go, and owned groups are handed over as if the caller had left them. Messages stay, under a user whose display name is empty and whose `deleted` is true.",
      request: { body: jsonBody(AccountDeletion) },
      responses: { 204: { description: "The account is deleted" } },
    },
    "bad_credentials",
  ),
  async (context) => {
    const { api, caller } = context.var;
    await verifiedHash(api.database, caller.userId, context.req.valid("json").password);
    await api.logic.accounts.remove(caller.userId);
    return context.body(null, 204);
  },
);

profile.openapi(
  limitedRoute("RATE_LIMIT_EXPORT", {
    method: "get",
    path: "/users/me/export",
    tags,
    summary: "Get all that the system has of the caller",
    description:
      "One JSON object a line, streamed: the profile, then the friends, the groups, the conversations, and the messages of each conversation in rising `seq`. A response that breaks off is not complete.",
    responses: {
      200: { description: "The lines", content: { "application/x-ndjson": { schema: ExportLine } } },
    },
  }),
  async (context) => {
    const { api, caller } = context.var;
    const lines = exportOf(api.database, caller.userId, (fault) => {
      api.log.error("export failed", fault, { userId: caller.userId });
    });
    return new Response(lines, {
      headers: {
        "Content-Type": "application/x-ndjson",
        "Content-Disposition": 'attachment; filename="export.ndjson"',
      },
    });
  },
);

/** The condition of a person's own row, while the account is not deleted. */
function isAlive(userId: UserId): SQL | undefined {
  return and(eq(users.id, userId), isNull(users.deletedAt));
}

/** The hash of the caller's password; throws `bad_credentials` when `password` is another. */
async function verifiedHash(database: Database, userId: UserId, password: string): Promise<string> {
  const [account] = await database.select({ hash: users.passwordHash }).from(users).where(isAlive(userId));
  if (account === undefined || account.hash === null || !(await verifyPassword(password, account.hash))) {
    throw new Problem("bad_credentials", { detail: "The current password is wrong" });
  }
  return account.hash;
}

/**
 * Changes a person's names and settings. The search columns are computed from both names, so the unchanged one is read
 * first, and the update applies only if neither has changed since.
 */
async function changeProfile(database: Database, userId: UserId, change: ProfileChange): Promise<Me> {
  const { about, lastSeen, ...names } = change;
  // A retry means that a concurrent change of the same person was stored, so two devices cannot block each other.
  for (;;) {
    const [found] = await database.select({ me: meColumn }).from(users).where(isAlive(userId));
    if (found === undefined) throw new Problem("unauthenticated");
    const { me } = found;
    const { username = me.username, displayName = me.displayName } = names;
    const renamed = username !== me.username || displayName !== me.displayName;
    if (!renamed && about === undefined && lastSeen === undefined) return me;
    const [changed] = await database
      .update(users)
      .set({ ...(renamed && personNames(username, displayName)), about, lastSeen })
      .where(and(isAlive(userId), eq(users.username, me.username), eq(users.displayName, me.displayName)))
      .returning({ me: meColumn });
    if (changed !== undefined) return changed.me;
  }
}
