import { OpenAPIHono, z } from "@hono/zod-openapi";
import { wireTimestamp } from "../../../lib/database.ts";
import { readLetter } from "../../../lib/dead-letter-replay.ts";
import {
  DeadLetter,
  DeadLetterChoice,
  DeadLetterId,
  type DeadLetterOutcome,
  DeadLetterOutcomes,
  type RecordSummary,
} from "../../../schema/wire/operator.ts";
import { PageQuery, page } from "../../../schema/wire/page.ts";
import { decodeCursor, keyField, toPage } from "../cursor.ts";
import { json, jsonBody } from "../route.ts";
import type { OperatorHono } from "./gate.ts";
import { operatorRoute } from "./route.ts";

/** Records that could not be applied. */
export const operatorDeadLetters = new OpenAPIHono<OperatorHono>();

const Key = z.tuple([keyField.time, keyField.text, keyField.number]);
const Row = z.object({
  topic: z.string(),
  offset: z.string(),
  record: z.string(),
  reason: z.string(),
  created_at: z.unknown(),
  replay_at: z.unknown(),
});

operatorDeadLetters.openapi(
  operatorRoute({
    method: "get",
    path: "/dead-letters",
    request: { query: PageQuery },
    responses: { 200: json(page(DeadLetter), "The newest first") },
  }),
  async (context) => {
    const { database } = context.var.api;
    const { limit, cursor } = context.req.valid("query");
    const after = cursor === undefined ? [null, null, null] : decodeCursor(Key, cursor);
    const rows = await database.$client.query(
      `SELECT topic, "offset"::text, record, reason, created_at, replay_at FROM dead_letters
        WHERE $1::timestamptz IS NULL
           OR (created_at, topic, dead_letters."offset") < ($1::timestamptz, $2::text, $3::bigint)
        ORDER BY created_at DESC, topic DESC, dead_letters."offset" DESC LIMIT $4`,
      [...after, limit + 1],
    );
    const letters = toPage(
      rows.map((row) => Row.parse(row)),
      limit,
      (row) => [wireTimestamp(row.created_at), row.topic, row.offset],
      toDeadLetter,
    );
    return context.json(letters, 200);
  },
);

operatorDeadLetters.openapi(
  operatorRoute({
    method: "post",
    path: "/dead-letters/replay",
    request: { body: jsonBody(DeadLetterChoice) },
    responses: { 200: json(DeadLetterOutcomes, "What has become of each") },
  }),
  async (context) => {
    const { api, operator } = context.var;
    const { ids } = context.req.valid("json");
    return context.json(resultsOf(ids, await api.logic.operators.replay(operator, ids)), 200);
  },
);

operatorDeadLetters.openapi(
  operatorRoute({
    method: "post",
    path: "/dead-letters/drop",
    request: { body: jsonBody(DeadLetterChoice) },
    responses: { 200: json(DeadLetterOutcomes, "What has become of each") },
  }),
  async (context) => {
    const { api, operator } = context.var;
    const { ids } = context.req.valid("json");
    return context.json(resultsOf(ids, await api.logic.operators.drop(operator, ids)), 200);
  },
);

function resultsOf(ids: DeadLetterId[], outcomes: DeadLetterOutcome[]): DeadLetterOutcomes {
  return { results: ids.map((id, index) => ({ id, outcome: outcomes[index] ?? "not_found" })) };
}

function toDeadLetter(row: z.infer<typeof Row>): DeadLetter {
  return {
    id: DeadLetterId.parse(`${row.topic}@${row.offset}`),
    createdAt: wireTimestamp(row.created_at),
    reason: row.reason,
    record: summaryOf(row.record),
    replayAt: row.replay_at === null ? null : wireTimestamp(row.replay_at),
  };
}

/** What a record is, without what it holds: nobody has to read a message to know what to do about its record. */
function summaryOf(text: string): RecordSummary {
  const record = readLetter(text);
  if (record === undefined) return null;
  if (record.kind === "fact") return { kind: "fact", fact: record.fact.kind };
  const { senderId, acceptedAt, operation } = record;
  const { op, conversation, clientId } = operation;
  return { kind: "operation", op, senderId, conversation, clientId, acceptedAt };
}
