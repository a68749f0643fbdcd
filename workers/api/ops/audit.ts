import { OpenAPIHono, z } from "@hono/zod-openapi";
import { desc, lt } from "drizzle-orm";
import { operatorActions } from "../../../schema/tables/operator-actions.ts";
import { AuditEntry } from "../../../schema/wire/operator.ts";
import { PageQuery, page } from "../../../schema/wire/page.ts";
import { decodeCursor, keyField, toPage } from "../cursor.ts";
import { json } from "../route.ts";
import type { OperatorHono } from "./gate.ts";
import { operatorRoute } from "./route.ts";

/** What operators have done. */
export const operatorAudit = new OpenAPIHono<OperatorHono>();

const Key = z.tuple([keyField.number]);

operatorAudit.openapi(
  operatorRoute({
    method: "get",
    path: "/audit",
    request: { query: PageQuery },
    responses: { 200: json(page(AuditEntry), "The newest first") },
  }),
  async (context) => {
    const { database } = context.var.api;
    const { limit, cursor } = context.req.valid("query");
    const before = cursor === undefined ? undefined : decodeCursor(Key, cursor);
    const rows = await database
      .select()
      .from(operatorActions)
      .where(before && lt(operatorActions.id, BigInt(before[0])))
      .orderBy(desc(operatorActions.id))
      .limit(limit + 1);
    const entries = toPage(
      rows,
      limit,
      ({ id }) => [String(id)],
      ({ id, at, ...entry }): AuditEntry => ({ id: String(id), at: at.toISOString(), ...entry }),
    );
    return context.json(entries, 200);
  },
);
