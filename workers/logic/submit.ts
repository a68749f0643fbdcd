import { problemDocument } from "../../lib/problem.ts";
import { redisKeys } from "../../lib/redis-keys.ts";
import type { Submission, SubmissionOutcome } from "../../lib/rpc/logic.ts";
import { conversationTopic } from "../../lib/topic.ts";
import type { Topic } from "../../schema/internal/topic.ts";
import type { ProblemCode } from "../../schema/wire/problem.ts";
import { behindEntries, distinctTopics, newMark, type Operation, produceMarked } from "./append.ts";
import type { Logic } from "./context.ts";
import { isOutsider, loadVerdicts, remembered, type Verdict, type Writer, writerKey } from "./may-write.ts";

/**
 * Checks a batch of messages and puts those that may be written into the log, in order. Two round trips when Redis
 * remembers who may write (marks and verdicts in one, the produce), however long the batch.
 */
export async function submit(logic: Logic, batch: Submission[]): Promise<SubmissionOutcome[]> {
  const writers = distinctWriters(batch);
  const mark = newMark();
  const marked = distinctTopics([...writers.values()].filter(mayBelong).map(topicOf));
  const verdicts = await verdictsWhileMarking(logic, writers, marked, mark);
  const { operations, outcomes } = judge(batch, verdicts);
  const accepted = distinctTopics(operations);
  await Promise.all([
    operations.length > 0 && produceMarked(logic, operations, mark),
    unmark(logic, marked, accepted, mark),
  ]);
  return outcomes;
}

/**
 * Marks every topic that the batch may touch, and learns in the same round trip what Redis remembers of the writers.
 * Marking comes first because a produce without a mark could be forgotten; marking one too many costs nothing.
 */
async function verdictsWhileMarking(
  logic: Logic,
  writers: Map<string, Writer>,
  topics: Topic[],
  mark: string,
): Promise<Map<string, Verdict>> {
  const keys = [...writers.keys()];
  const pipeline = logic.redis.pipeline();
  pipeline.mget(...keys);
  const [first, ...rest] = behindEntries(topics, mark);
  if (first !== undefined) pipeline.zadd(redisKeys.behind, first, ...rest);
  const [values] = await pipeline.exec<[(string | null)[]]>();

  const verdicts = new Map<string, Verdict>();
  const unknown: Writer[] = [];
  for (const [index, [key, writer]] of [...writers].entries()) {
    const verdict = remembered(values[index]);
    if (verdict === undefined) unknown.push(writer);
    else verdicts.set(key, verdict);
  }
  if (unknown.length === 0) return verdicts;
  return new Map([...verdicts, ...(await loadVerdicts(logic, unknown))]);
}

/** Takes each submission's verdict: an operation for the log, or a refusal. */
function judge(
  batch: Submission[],
  verdicts: Map<string, Verdict>,
): { operations: Operation[]; outcomes: SubmissionOutcome[] } {
  const operations: Operation[] = [];
  const acceptedAt = new Date().toISOString();
  const outcomes = batch.map((submission): SubmissionOutcome => {
    const { conversation, senderId, clientId, content } = submission;
    const verdict = verdicts.get(writerKey({ conversation, userId: senderId })) ?? "conversation_not_found";
    if (verdict !== "ok") return refusal(verdict);
    const topic = conversationTopic(conversation);
    operations.push({
      topic,
      record: { kind: "message", senderId, clientId, conversation, content, acceptedAt },
    });
    return { ok: true };
  });
  return { operations, outcomes };
}

/** Takes back the marks of topics that nothing is written to after all. */
async function unmark(logic: Logic, marked: Topic[], used: Topic[], mark: string): Promise<void> {
  const kept = new Set(used);
  const [first, ...rest] = marked.filter((topic) => !kept.has(topic)).map((topic) => `${topic} ${mark}`);
  if (first !== undefined) await logic.redis.zrem(redisKeys.behind, first, ...rest);
}

function distinctWriters(batch: Submission[]): Map<string, Writer> {
  const writers = batch.map(({ conversation, senderId }) => ({ conversation, userId: senderId }));
  return new Map(writers.map((writer) => [writerKey(writer), writer]));
}

function mayBelong(writer: Writer): boolean {
  return !isOutsider(writer);
}

function topicOf(writer: Writer): { topic: Topic } {
  return { topic: conversationTopic(writer.conversation) };
}

function refusal(code: ProblemCode): SubmissionOutcome {
  return { ok: false, problem: problemDocument(code) };
}
