import { randomUUID } from "node:crypto";
import { z } from "zod";
import { Log } from "../../lib/log.ts";
import { SNOWFLAKE_EPOCH } from "../../lib/snowflake.ts";
import { conversationTopic } from "../../lib/topic.ts";
import type { Statement } from "../../operations/kind.ts";
import { ConversationId } from "../../schema/wire/conversation-id.ts";
import { ClientId, MessageId, Rev, Seq, UserId } from "../../schema/wire/ids.ts";
import { Operation } from "../../schema/wire/operation.ts";
import { findConversation, listConversations } from "../api/conversations.ts";
import { hideMessage } from "../api/hide-message.ts";
import { readHistory } from "../api/read-history.ts";
import { searchMessages } from "../api/search-messages.ts";
import { sync } from "../api/sync.ts";
import { removeOldMessages } from "../task/retention.ts";
import { runsOf } from "../task/runs.ts";
import { pairNumber, personNumber, WORDS } from "./fill.ts";
import type { FilledDatabase } from "./filled-database.ts";

/** Who reads and writes: somebody with a direct conversation, some groups, and the busy group. */
const ADA = personNumber(5);
const PAIR = pairNumber(5);
const BUSY_GROUP = ConversationId.parse("group:1");

const Found = z.object({ id: MessageId, senderId: UserId, clientId: ClientId, seq: Seq });
type Found = z.infer<typeof Found>;

/**
 * The statements that a system executes all the time, by what they are for, as the code itself makes them. Some run once while
 * they are gathered; `removal` removes a few messages then.
 */
export async function hotStatements(filled: FilledDatabase): Promise<Record<string, Statement[]>> {
  const { database, redis } = filled;
  const text = await someText(filled);
  const range = { forward: false, after: undefined, before: undefined };
  const middle = Seq.parse(Math.ceil(text.seq / 2));
  const search = { userId: ADA, conversation: undefined, senderId: undefined };
  const content = { type: "text" as const, text: "hello" };
  const on = { conversation: PAIR, messageId: text.id };
  const reads = {
    "sync: a device that was away": () =>
      sync(database, ADA, {
        conversations: { [PAIR]: Rev.parse(text.seq - 20), "group:1": Rev.parse(1_000) },
      }),
    "sync: a new device": () => sync(database, ADA, { conversations: {}, others: "latest" }),
    "history: newest": () => readHistory(database, ADA, PAIR, range, 51),
    "history: before": () => readHistory(database, ADA, PAIR, { ...range, before: middle }, 51),
    "history: after": () => readHistory(database, ADA, PAIR, { ...range, forward: true, after: middle }, 51),
    "history: a busy group": () =>
      readHistory(database, ADA, BUSY_GROUP, { ...range, before: Seq.parse(1_000) }, 51),
    "conversation list": () => listConversations({ database, redis }, ADA, 50),
    "one conversation": () => findConversation({ database, redis }, ADA, PAIR),
    "search: a common word": () => searchMessages(database, { ...search, query: WORDS.common }, 50),
    "search: a seldom word": () => searchMessages(database, { ...search, query: WORDS.seldom }, 50),
    "search: in one conversation": () =>
      searchMessages(database, { ...search, query: WORDS.common, conversation: PAIR }, 50),
    "hide a message": () => hideMessage(database, ADA, PAIR, text.id),
    "removal of old messages": () =>
      removeOldMessages({
        database,
        retention: { RETENTION_DAYS: 729 },
        log: new Log("task", { LOG_LEVEL: "error" }),
      }),
  };
  const statements: Record<string, Statement[]> = {
    store: [applied(manySends())],
    "store: replies, mentions and forwards": [
      applied([
        { op: "send", conversation: PAIR, clientId: newClientId(), content, replyTo: text.id },
        {
          op: "send",
          conversation: BUSY_GROUP,
          clientId: newClientId(),
          content,
          mentions: [personNumber(6)],
        },
        {
          op: "send",
          conversation: BUSY_GROUP,
          clientId: newClientId(),
          forwardOf: { conversation: PAIR, id: text.id },
        },
      ]),
    ],
    "store: what is stored already": [
      applied([{ op: "send", conversation: PAIR, clientId: text.clientId, content }]),
    ],
    edit: [applied([{ op: "edit", ...on, clientId: newClientId(), content }])],
    recall: [applied([{ op: "recall", ...on, clientId: newClientId() }])],
    react: [applied([{ op: "react", ...on, clientId: newClientId(), emoji: "🎉", on: true }])],
    pin: [applied([{ op: "pin", ...on, clientId: newClientId(), on: true }])],
    locks: [
      {
        text: "SELECT lock_operations($1::text[], $2::bigint[], $3::bigint[])",
        values: [
          [PAIR, BUSY_GROUP],
          [newId(), newId()],
          [ADA, ADA],
        ],
      },
    ],
    "whether an upload is used": [
      { text: "SELECT media_is_used($1)", values: [`/api/v1/media/${"100".padStart(22, "0")}`] },
    ],
  };
  for (const [name, work] of Object.entries(reads)) statements[name] = await filled.statementsOf(work);
  return statements;
}

/** The statement of one run of Ada's operations; `id` is that of the message which the only one makes. */
function applied(operations: Operation[], at = new Date(), id?: MessageId): Statement {
  const [run, ...others] = runsOf(
    operations.map((operation, offset) => ({
      kind: "operation",
      topic: conversationTopic(operation.conversation),
      offset,
      id: id ?? newId(),
      senderId: ADA,
      acceptedAt: at.toISOString(),
      operation: Operation.parse(operation),
    })),
  );
  if (run === undefined || others.length > 0) throw new Error("these are one run");
  return run.statement;
}

/** A batch as a busy system has it: two messages in each of fifty conversations. */
function manySends(): Operation[] {
  return Array.from({ length: 100 }, (_, index) => ({
    op: "send",
    conversation: pairNumber(1 + (index % 50)),
    clientId: newClientId(),
    content: { type: "text", text: `message ${index}` },
  }));
}

/** A text of Ada's in her direct conversation, not hidden, with others after it. */
async function someText({ database }: FilledDatabase): Promise<Found> {
  const [row] = await database.$client.query(
    `SELECT id::text, sender_id::text AS "senderId", client_id AS "clientId", seq FROM messages
      WHERE conversation = $1 AND sender_id = $2 AND content->>'type' = 'text' ORDER BY seq DESC OFFSET 2 LIMIT 1`,
    [PAIR, ADA],
  );
  return Found.parse(row);
}

/** The statement that stores a message of Ada's of a moment, after all earlier ones of it. */
export function sending(at: Date, clientId = newClientId()): { statement: Statement; clientId: ClientId } {
  sent += 1n;
  const id = MessageId.parse((((BigInt(at.getTime()) - BigInt(SNOWFLAKE_EPOCH)) << 22n) + sent).toString());
  const operation: Operation = {
    op: "send",
    conversation: PAIR,
    clientId,
    content: { type: "text", text: "hello" },
  };
  return { statement: applied([operation], at, id), clientId };
}

let sent = 0n;
let lastId = (BigInt(Date.now()) - BigInt(SNOWFLAKE_EPOCH) + 1_000n) << 22n;

/** An id later than all others. */
function newId(): MessageId {
  lastId += 1n;
  return MessageId.parse(lastId.toString());
}

function newClientId(): ClientId {
  return ClientId.parse(randomUUID());
}
