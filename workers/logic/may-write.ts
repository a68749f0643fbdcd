import type { Redis } from "../../lib/redis.ts";
import { redisKeys } from "../../lib/redis-keys.ts";
import { type ConversationId, conversationParts } from "../../schema/wire/conversation-id.ts";
import type { UserId } from "../../schema/wire/ids.ts";
import type { ProblemCode } from "../../schema/wire/problem.ts";
import type { Logic } from "./context.ts";

/** Somebody and the conversation they want to write into. */
export type Writer = { conversation: ConversationId; userId: UserId };

/** Whether a writer may: `ok`, or the code of the refusal. */
export type Verdict = "ok" | Extract<ProblemCode, "not_friends" | "conversation_not_found">;

/** How long Redis remembers a verdict. Whoever changes a relation writes the new verdicts through. */
const REMEMBERED_MS = 300_000;

/** A key for maps of writers. */
export function writerKey(writer: Writer): string {
  return redisKeys.mayWrite(writer.conversation, writer.userId);
}

/** What can be said without asking anybody: a direct conversation is not there for a third person. */
export function isOutsider(writer: Writer): boolean {
  const parts = conversationParts(writer.conversation);
  return parts.kind === "dm" && !parts.users.includes(writer.userId);
}

/** A verdict as Redis remembers it, or undefined. */
export function remembered(value: string | null | undefined): Verdict | undefined {
  return value === "ok" || value === "not_friends" || value === "conversation_not_found" ? value : undefined;
}

/**
 * Verdicts from the truth, in one statement. They are remembered only where Redis holds none: a change of relation
 * that was written through meanwhile is newer than what was read here.
 */
export async function loadVerdicts(logic: Logic, writers: Writer[]): Promise<Map<string, Verdict>> {
  const asked = writers.filter((writer) => !isOutsider(writer));
  const verdicts = new Map<string, Verdict>(
    writers.map((writer) => [writerKey(writer), "conversation_not_found"]),
  );
  if (asked.length === 0) return verdicts;
  const rows = await logic.database.$client.query(
    `SELECT asked.ordinality AS place,
            CASE WHEN asked.peer_id IS NULL THEN
              EXISTS (SELECT 1 FROM members WHERE conversation = asked.conversation AND user_id = asked.user_id)
            ELSE
              EXISTS (SELECT 1 FROM friendships WHERE user_id = asked.user_id AND friend_id = asked.peer_id)
            END AS may
       FROM unnest($1::text[], $2::bigint[], $3::bigint[])
            WITH ORDINALITY AS asked (conversation, user_id, peer_id, ordinality)`,
    [asked.map((writer) => writer.conversation), asked.map((writer) => writer.userId), asked.map(peerOf)],
  );
  for (const row of rows) {
    const writer = asked[Number(row.place) - 1];
    if (writer === undefined) continue;
    verdicts.set(writerKey(writer), row.may === true ? "ok" : refusalFor(writer.conversation));
  }
  const pipeline = logic.redis.pipeline();
  for (const [key, verdict] of verdicts) pipeline.set(key, verdict, { nx: true, px: REMEMBERED_MS });
  await pipeline.exec();
  return verdicts;
}

/** A relation has changed: from now on this is the verdict. Call it after the change is committed. */
export async function writeVerdicts(redis: Redis, changes: (Writer & { may: boolean })[]): Promise<void> {
  if (changes.length === 0) return;
  const pipeline = redis.pipeline();
  for (const { may, ...writer } of changes) {
    pipeline.set(writerKey(writer), may ? "ok" : refusalFor(writer.conversation), { px: REMEMBERED_MS });
  }
  await pipeline.exec();
}

function peerOf(writer: Writer): UserId | null {
  const parts = conversationParts(writer.conversation);
  if (parts.kind === "group") return null;
  return parts.users.find((user) => user !== writer.userId) ?? null;
}

function refusalFor(conversation: ConversationId): Verdict {
  return conversationParts(conversation).kind === "dm" ? "not_friends" : "conversation_not_found";
}
