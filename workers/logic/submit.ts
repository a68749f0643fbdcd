import { distinctTopics, markBehind, type NewRecord, newMark, produceMarked } from "../../lib/append.ts";
import { redisKeys } from "../../lib/redis-keys.ts";
import type { Submission } from "../../lib/rpc/logic.ts";
import { accept, type Outcome, type Refusal, refuse } from "../../lib/rpc/outcome.ts";
import { conversationTopic, type Place } from "../../lib/topic.ts";
import {
  distinctWriters,
  isOutsider,
  readPermissions,
  type Writer,
  writerKey,
} from "../../lib/write-permission.ts";
import type { FrameOf } from "../../operations/kind.ts";
import { OPERATIONS, SIGNALS } from "../../operations/kinds.ts";
import type { Topic } from "../../schema/internal/topic.ts";
import { isOperation, type Operation, type Signal } from "../../schema/wire/operation.ts";
import type { Logic } from "./context.ts";
import { kick, pushStatus } from "./kick.ts";

type Outcomes = Map<Submission, Outcome<null>>;

/**
 * Judges a batch and does what is allowed: operations go into the log, in order, then signals take effect. Two round
 * trips for operations when Redis remembers who may write (marks and permissions in one, then the produce), however
 * many there are. Throws when the log does not respond.
 */
export async function submit(logic: Logic, batch: Submission[]): Promise<Outcome<null>[]> {
  const outcomes: Outcomes = new Map();
  const operations = batch.filter((one): one is Submission<Operation> => isOperation(one.frame));
  if (operations.length > 0) await submitOperations(logic, operations, outcomes);
  if (operations.length < batch.length) {
    for (const op of keysOf(SIGNALS)) await submitSignals(logic, op, batch, outcomes);
  }
  return batch.map((submission) => outcomes.get(submission) ?? refuse("internal_error"));
}

async function submitOperations(
  logic: Logic,
  batch: Submission<Operation>[],
  outcomes: Outcomes,
): Promise<void> {
  const writers = distinctWriters(batch.map(writerOf));
  const mark = newMark();
  const marked = distinctTopics(
    [...writers.values()].filter((writer) => !isOutsider(writer)).map((writer) => placeOf(logic, writer)),
  );
  // Every topic that the batch may touch is marked; marking one too many costs nothing.
  const permissions = await readPermissions(logic, writers, (pipeline) => markBehind(pipeline, marked, mark));
  const writable: Submission<Operation>[] = [];
  for (const submission of batch) {
    const permission = permissions.get(writerKey(writerOf(submission))) ?? "conversation_not_found";
    if (permission === "ok") writable.push(submission);
    else outcomes.set(submission, refuse(permission));
  }
  for (const refusals of await Promise.all(keysOf(OPERATIONS).map((op) => authorise(logic, op, writable)))) {
    for (const [submission, refusal] of refusals) outcomes.set(submission, refusal ?? accept(null));
  }

  const acceptedAt = new Date().toISOString();
  const records = writable
    .filter((submission) => outcomes.get(submission)?.ok)
    .map(
      ({ userId, frame }): NewRecord => ({
        ...logic.messageLog.place(conversationTopic(frame.conversation)),
        record: { kind: "operation", senderId: userId, acceptedAt, operation: frame },
      }),
    );
  const used = distinctTopics(records);
  const [written] = await Promise.all([
    records.length > 0 ? produceMarked(logic, records, mark) : [],
    unmark(logic, marked, used, mark),
  ]);
  if (used.length > 0) logic.inBackground(kick(logic, used, written));
}

/** Has one kind judge its operations. */
async function authorise<Op extends Operation["op"]>(
  logic: Logic,
  op: Op,
  batch: Submission<Operation>[],
): Promise<[Submission, Refusal | null][]> {
  const own = batch.filter((one): one is Submission<FrameOf<Op>> => one.frame.op === op);
  if (own.length === 0) return [];
  const refusals = await OPERATIONS[op].authorise(logic, own);
  return own.map((submission, index) => [submission, refusals[index] ?? null]);
}

/** Has one kind of signal take effect. What it leaves undone is refused: the operations of the batch are accepted already. */
async function submitSignals<Op extends Signal["op"]>(
  logic: Logic,
  op: Op,
  batch: Submission[],
  outcomes: Outcomes,
): Promise<void> {
  const own = batch.filter((one): one is Submission<FrameOf<Op>> => one.frame.op === op);
  if (own.length === 0) return;
  try {
    const { refusals, status } = await SIGNALS[op].signal(logic, own);
    await pushStatus(logic, status);
    for (const [index, submission] of own.entries())
      outcomes.set(submission, refusals[index] ?? accept(null));
  } catch (fault) {
    logic.log.error("signal failed", fault, { op, signals: own.length });
    for (const submission of own) outcomes.set(submission, refuse("unavailable"));
  }
}

/** Takes back the marks of topics that nothing is written to after all. */
async function unmark(logic: Logic, marked: Topic[], used: Topic[], mark: string): Promise<void> {
  const kept = new Set(used);
  const [first, ...rest] = marked.filter((topic) => !kept.has(topic)).map((topic) => `${topic} ${mark}`);
  if (first !== undefined) await logic.redis.zrem(redisKeys.behind, first, ...rest);
}

function writerOf({ userId, frame }: Submission<Operation>): Writer {
  return { conversation: frame.conversation, userId };
}

function placeOf(logic: Logic, { conversation }: Writer): Place {
  return logic.messageLog.place(conversationTopic(conversation));
}

/** The keys of a table of kinds, as its type has them. */
function keysOf<Table extends object>(table: Table): (keyof Table)[] {
  return Object.keys(table) as (keyof Table)[];
}
