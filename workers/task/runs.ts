import type { ReadableRecord } from "../../lib/message-log.ts";
import type { Snowflake } from "../../lib/snowflake.ts";
import type { Effect, LoggedFact, LoggedOperation, Online, Row, Statement } from "../../operations/kind.ts";
import { FACTS, OPERATIONS } from "../../operations/kinds.ts";
import type { Fact } from "../../schema/internal/fact.ts";
import type { ConversationId } from "../../schema/wire/conversation-id.ts";
import { type GroupId, MessageId, type UserId } from "../../schema/wire/ids.ts";
import type { Operation } from "../../schema/wire/operation.ts";

/** A record on its way through a drain. */
export type Logged = LoggedOperation | LoggedFact;

/** What a record writes into a conversation. */
export type Written = { conversation: ConversationId; id: MessageId; senderId: UserId };

/** Records of one kind that one statement applies. */
export type Run = { members: Logged[]; statement: Statement };

/** A record with the id of the message that it may make: ids grow with each call, and so within each topic. */
export function stamp({ topic, offset, record }: ReadableRecord, snowflake: Snowflake): Logged {
  const id = MessageId.parse(snowflake.next().toString());
  if (record.kind === "fact") return { kind: "fact", topic, offset, id, fact: record.fact };
  const { senderId, acceptedAt, operation } = record;
  return { kind: "operation", topic, offset, id, senderId, acceptedAt, operation };
}

/**
 * Without repeats: of an operation that is there twice (the same sender and client id) the first is applied, and of a
 * fact the last is looked at.
 */
export function distinct(logged: Logged[]): Logged[] {
  const kept = new Map<string, Logged>();
  for (const one of logged) {
    const key = identity(one);
    if (one.kind === "fact") kept.delete(key);
    if (!kept.has(key)) kept.set(key, one);
  }
  return [...kept.values()];
}

/**
 * Cuts distinct records into runs, to be executed one after the other. Within a topic a record comes in a later run
 * than the one before it when it is of another kind, or changes what its run changes already: so the result
 * is as if all had been applied one by one. Topics share runs; a batch of new messages is one run.
 */
export function runsOf(logged: Logged[]): Run[] {
  const runs = new Map<string, { level: number; members: Logged[] }>();
  const latest = new Map<string, { level: number; kind: string; changed: Set<string> }>();
  for (const one of logged) {
    const kind = kindOf(one);
    const change = changedBy(one);
    let run = latest.get(one.topic);
    if (run === undefined || run.kind !== kind || (change !== null && run.changed.has(change))) {
      run = { level: run === undefined ? 0 : run.level + 1, kind, changed: new Set() };
      latest.set(one.topic, run);
    }
    if (change !== null) run.changed.add(change);
    const key = `${run.level} ${kind}`;
    const shared = runs.get(key);
    if (shared === undefined) runs.set(key, { level: run.level, members: [one] });
    else shared.members.push(one);
  }
  return [...runs.values()]
    .sort((a, b) => a.level - b.level)
    .map(({ members }) => ({ members, statement: statementOf(members) }));
}

/** What a record writes: into which conversation, in whose name, and the id of the message; null for most facts. */
export function writtenBy(one: Logged): Written | null {
  if (one.kind === "operation")
    return { id: one.id, senderId: one.senderId, conversation: one.operation.conversation };
  if (one.fact.kind !== "notice") return null;
  return { id: one.id, senderId: one.fact.senderId, conversation: one.fact.conversation };
}

/** Whose presence the events of some facts show, each once. */
export function onlineAskedFor(facts: Fact[]): { userIds: UserId[]; groupIds: GroupId[] } {
  const asked = facts.map((fact) => factOnline(fact.kind, fact));
  return {
    userIds: [...new Set(asked.flatMap(({ userIds = [] }) => userIds))],
    groupIds: [...new Set(asked.flatMap(({ groupIds = [] }) => groupIds))],
  };
}

/** What an applied record causes. */
export function effectsOf(one: Logged, row: Row | undefined, online: Online): Effect[] {
  return one.kind === "operation"
    ? operationEffects(one.operation.op, one, row, online)
    : factEffects(one.fact.kind, one, row, online);
}

function identity(one: Logged): string {
  return one.kind === "operation"
    ? `${one.senderId} ${one.operation.clientId}`
    : `${one.topic} ${JSON.stringify(one.fact)}`;
}

function kindOf(one: Logged): string {
  return one.kind === "operation" ? one.operation.op : one.fact.kind;
}

function changedBy(one: Logged): string | null {
  return one.kind === "operation" ? operationChanges(one.operation.op, one.operation) : null;
}

/** The statement of a run: all its members are of the kind of the first. */
function statementOf(members: Logged[]): Statement {
  const [first] = members;
  if (first === undefined) throw new Error("a run is never empty");
  return first.kind === "operation"
    ? operationStatement(first.operation.op, members)
    : factStatement(first.fact.kind, members);
}

// The tables of kinds are typed by kind; each function below picks the entry of one kind and what is its own.

type OperationOf<Op> = Extract<Operation, { op: Op }>;
type FactOf<Kind> = Extract<Fact, { kind: Kind }>;

function isOperationOf<Op extends Operation["op"]>(op: Op) {
  return (one: Logged): one is LoggedOperation<OperationOf<Op>> =>
    one.kind === "operation" && one.operation.op === op;
}

function isFactOf<Kind extends Fact["kind"]>(kind: Kind) {
  return (one: Logged): one is LoggedFact<FactOf<Kind>> => one.kind === "fact" && one.fact.kind === kind;
}

function operationStatement<Op extends Operation["op"]>(op: Op, members: Logged[]): Statement {
  return OPERATIONS[op].apply(members.filter(isOperationOf(op)));
}

function factStatement<Kind extends Fact["kind"]>(kind: Kind, members: Logged[]): Statement {
  return FACTS[kind].apply(members.filter(isFactOf(kind)));
}

function operationEffects<Op extends Operation["op"]>(
  op: Op,
  one: Logged,
  row: Row | undefined,
  online: Online,
): Effect[] {
  return [one].filter(isOperationOf(op)).flatMap((own) => OPERATIONS[op].push(own, row, online));
}

function factEffects<Kind extends Fact["kind"]>(
  kind: Kind,
  one: Logged,
  row: Row | undefined,
  online: Online,
): Effect[] {
  return [one].filter(isFactOf(kind)).flatMap((own) => FACTS[kind].push(own, row, online));
}

function operationChanges<Op extends Operation["op"]>(op: Op, operation: OperationOf<Op>): string | null {
  return OPERATIONS[op].changes(operation);
}

function factOnline<Kind extends Fact["kind"]>(kind: Kind, fact: FactOf<Kind>) {
  return FACTS[kind].online(fact);
}
