import { OpenAPIHono } from "@hono/zod-openapi";
import { and, eq, isNull, ne, sql } from "drizzle-orm";
import { Problem } from "../../../lib/problem.ts";
import { isUniqueViolation } from "../../../lib/unique-violation.ts";
import { userColumns } from "../../../lib/views/user.ts";
import { sessions } from "../../../schema/tables/sessions.ts";
import { users } from "../../../schema/tables/users.ts";
import { PasswordChange } from "../../../schema/wire/account.ts";
import { fold } from "../../../schema/wire/text.ts";
import { ProfileChange, User } from "../../../schema/wire/user.ts";
import type { ApiHono } from "../context.ts";
import { hashPassword, verifyPassword } from "../password.ts";
import { json, jsonBody, route } from "../route.ts";
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
      description: "What is left out stays as it is.",
      request: { body: jsonBody(ProfileChange) },
      responses: { 200: json(User, "The caller as they are now") },
    },
    "username_taken",
  ),
  async (context) => {
    const { api, caller } = context.var;
    const { username, displayName } = context.req.valid("json");
    const changes = {
      ...(username !== undefined && { username, usernameFolded: fold(username) }),
      // Setting the row to what it is answers it when nothing is to change.
      ...(displayName === undefined ? { displayName: sql`display_name` } : { displayName }),
    };
    try {
      const [user] = await api.database
        .update(users)
        .set(changes)
        .where(eq(users.id, caller.userId))
        .returning(userColumns);
      if (user === undefined) throw new Problem("unauthenticated");
      return context.json(user, 200);
    } catch (fault) {
      if (isUniqueViolation(fault)) throw new Problem("username_taken");
      throw fault;
    }
  },
);

profile.openapi(
  route(
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
    // Only the password that was verified is replaced: of two changes at once, one wins.
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
