import { OpenAPIHono, z } from "@hono/zod-openapi";
import { and, desc, eq, sql } from "drizzle-orm";
import { Problem } from "../../../lib/problem.ts";
import { sessions } from "../../../schema/tables/sessions.ts";
import { Session } from "../../../schema/wire/account.ts";
import { SessionId } from "../../../schema/wire/ids.ts";
import { PageQuery, page } from "../../../schema/wire/page.ts";
import type { ApiHono } from "../context.ts";
import { decodeCursor, keyField, toPage } from "../cursor.ts";
import { json, route } from "../route.ts";
import { closeSessions, endOtherSessions, markEnded, sessionIsLive } from "../sessions.ts";

const tags = ["Accounts"];

/** The caller's sessions, one per signed-in device. */
export const deviceSessions = new OpenAPIHono<ApiHono>();

const Key = z.tuple([keyField.time, keyField.text]);

deviceSessions.openapi(
  route({
    method: "get",
    path: "/auth/sessions",
    tags,
    summary: "List the caller's sessions, the newest first",
    request: { query: PageQuery },
    responses: { 200: json(page(Session), "The live sessions") },
  }),
  async (context) => {
    const { api, caller } = context.var;
    const { limit, cursor } = context.req.valid("query");
    const after = cursor === undefined ? undefined : decodeCursor(Key, cursor);
    const rows = await api.database
      .select()
      .from(sessions)
      .where(
        and(
          eq(sessions.userId, caller.userId),
          sessionIsLive,
          after && sql`(${sessions.createdAt}, ${sessions.id}) < (${after[0]}::timestamptz, ${after[1]})`,
        ),
      )
      .orderBy(desc(sessions.createdAt), desc(sessions.id))
      .limit(limit + 1);
    const sessionPage = toPage(
      rows,
      limit,
      (row) => [row.createdAt.toISOString(), row.id],
      ({ id, device, createdAt, usedAt }): Session => ({
        id,
        device,
        createdAt: createdAt.toISOString(),
        usedAt: usedAt.toISOString(),
        current: id === caller.sessionId,
      }),
    );
    return context.json(sessionPage, 200);
  },
);

deviceSessions.openapi(
  route({
    method: "delete",
    path: "/auth/sessions",
    tags,
    summary: "End all of the caller's sessions but this one",
    description: "Their tokens become invalid, and their sockets close with 4001.",
    responses: { 204: { description: "The other sessions have ended" } },
  }),
  async (context) => {
    const { api, caller } = context.var;
    await endOtherSessions(api, caller);
    return context.body(null, 204);
  },
);

deviceSessions.openapi(
  route(
    {
      method: "delete",
      path: "/auth/sessions/{sessionId}",
      tags,
      summary: "End one of the caller's sessions",
      description: "Its tokens become invalid, and its sockets close with 4001.",
      request: { params: z.object({ sessionId: SessionId.regex(/^[\w-]+$/) }) },
      responses: { 204: { description: "The session has ended" } },
    },
    "session_not_found",
  ),
  async (context) => {
    const { api, caller } = context.var;
    const { sessionId } = context.req.valid("param");
    if (!(await markEnded(api, { userId: caller.userId, sessionId }))) throw new Problem("session_not_found");
    await closeSessions(api, caller.userId, [sessionId]);
    return context.body(null, 204);
  },
);
