import { OpenAPIHono } from "@hono/zod-openapi";
import { and, eq, isNull, ne, sql } from "drizzle-orm";
import type { Database } from "../../../lib/database.ts";
import { personNames } from "../../../lib/names.ts";
import { Problem } from "../../../lib/problem.ts";
import { isUniqueViolation } from "../../../lib/unique-violation.ts";
import { userColumns } from "../../../lib/views/user.ts";
import { sessions } from "../../../schema/tables/sessions.ts";
import { users } from "../../../schema/tables/users.ts";
import { PasswordChange } from "../../../schema/wire/account.ts";
import type { UserId } from "../../../schema/wire/ids.ts";
import { ProfileChange, User } from "../../../schema/wire/user.ts";
import type { ApiHono } from "../context.ts";
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
    responses: { 200: json(User, "The caller") },
  }),
  async (context) => {
    const { api, caller } = context.var;
    const [user] = await api.database.select(userColumns).from(users).where(eq(users.id, caller.userId));
    if (user === undefined) throw new Problem("unauthenticated");
    return context.json(user, 200);
  },
);

profile.openapi(
  route(
    {
      method: "patch",
      path: "/users/me",
      tags,
      summary: "Change the caller's names",
      description: "Fields that are left out do not change.",
      request: { body: jsonBody(ProfileChange) },
      responses: { 200: json(User, "The changed user") },
    },
    "username_taken",
  ),
  async (context) => {
    const { api, caller } = context.var;
    try {
      const user = await changeNames(api.database, caller.userId, context.req.valid("json"));
      return context.json(user, 200);
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
    const own = eq(users.id, caller.userId);
    const [account] = await api.database.select({ hash: users.passwordHash }).from(users).where(own);
    if (account === undefined || !(await verifyPassword(current, account.hash))) {
      throw new Problem("bad_credentials", { detail: "The current password is wrong" });
    }
    const passwordHash = await hashPassword(next, api.settings.PASSWORD_COST);
    // Only if the hash is still the verified one: of two concurrent changes, one wins.
    const unchanged = and(own, eq(users.passwordHash, account.hash));
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

/**
 * Changes a person's names. The search columns are computed from both names, so the unchanged one is read first, and the
 * update applies only if neither has changed since.
 */
async function changeNames(database: Database, userId: UserId, change: ProfileChange): Promise<User> {
  // A retry means that a concurrent change of the same person was stored, so two devices cannot block each other.
  for (;;) {
    const [before] = await database.select(userColumns).from(users).where(eq(users.id, userId));
    if (before === undefined) throw new Problem("unauthenticated");
    const { username = before.username, displayName = before.displayName } = change;
    if (username === before.username && displayName === before.displayName) return before;
    const unchanged = and(
      eq(users.id, userId),
      eq(users.username, before.username),
      eq(users.displayName, before.displayName),
    );
    const [after] = await database
      .update(users)
      .set(personNames(username, displayName))
      .where(unchanged)
      .returning(userColumns);
    if (after !== undefined) return after;
  }
}
