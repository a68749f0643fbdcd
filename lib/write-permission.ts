import { type ConversationId, conversationParts } from "../schema/wire/conversation-id.ts";
import type { UserId } from "../schema/wire/ids.ts";
import type { ProblemCode } from "../schema/wire/problem.ts";
import type { Database } from "./database.ts";
import type { Redis } from "./redis.ts";
import { redisKeys } from "./redis-keys.ts";

/** A person and the conversation they want to write into. */
export type Writer = { conversation: ConversationId; userId: UserId };

/** Whether a writer may write: `ok`, or the code of the refusal. */
export type Permission = "ok" | Extract<ProblemCode, "not_friends" | "conversation_not_found">;

/** A permission after a change of membership or friendship. */
export type PermissionChange = Writer & { may: boolean };

type Pipeline = ReturnType<Redis["pipeline"]>;

/** How long Redis keeps a permission. A change of membership or friendship writes the new permission through. */
const CACHE_MS = 300_000;

/** The Redis key of a writer's permission; also the key in maps of writers. */
export function writerKey(writer: Writer): string {
  return redisKeys.mayWrite(writer.conversation, writer.userId);
}

/** Whether the conversation is a direct one of two other people: it does not exist for this writer. No look-up needed. */
export function isOutsider(writer: Writer): boolean {
  const parts = conversationParts(writer.conversation);
  return parts.kind === "dm" && !parts.users.includes(writer.userId);
}

/** Distinct writers by their keys. */
export function distinctWriters(writers: Writer[]): Map<string, Writer> {
  return new Map(writers.map((writer) => [writerKey(writer), writer]));
}

/**
 * The permissions of distinct writers, by key: one round trip, whose pipeline `also` may extend, and one statement for
 * the permissions that Redis does not hold.
 */
export async function readPermissions(
  { redis, database }: { redis: Redis; database: Database },
  writers: Map<string, Writer>,
  also: (pipeline: Pipeline) => void = () => {},
): Promise<Map<string, Permission>> {
  const pipeline = redis.pipeline();
  pipeline.mget(...writers.keys());
  also(pipeline);
  const [values] = await pipeline.exec<[(string | null)[]]>();
  const permissions = new Map<string, Permission>();
  const unknown: Writer[] = [];
  for (const [index, [key, writer]] of [...writers].entries()) {
    const permission = cachedPermission(values[index]);
    if (permission === undefined) unknown.push(writer);
    else permissions.set(key, permission);
  }
  if (unknown.length === 0) return permissions;
  return new Map([...permissions, ...(await loadPermissions({ redis, database }, unknown))]);
}

/**
 * Reads permissions from Postgres in one statement, and caches each in Redis only if Redis holds none: a permission
 * that was written through meanwhile is newer than the one read here.
 */
async function loadPermissions(
  { redis, database }: { redis: Redis; database: Database },
  writers: Writer[],
): Promise<Map<string, Permission>> {
  const asked = writers.filter((writer) => !isOutsider(writer));
  const permissions = new Map<string, Permission>(
    writers.map((writer) => [writerKey(writer), "conversation_not_found"]),
  );
  if (asked.length === 0) return permissions;
  const rows = await database.$client.query(
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
    permissions.set(writerKey(writer), row.may === true ? "ok" : refusalFor(writer.conversation));
  }
  const pipeline = redis.pipeline();
  for (const [key, permission] of permissions) pipeline.set(key, permission, { nx: true, px: CACHE_MS });
  await pipeline.exec();
  return permissions;
}

/** Writes changed permissions through to Redis. Part of a pipeline; call it after the change is committed. */
export function writePermissions(pipeline: Pipeline, changes: PermissionChange[]): void {
  for (const { may, ...writer } of changes) {
    pipeline.set(writerKey(writer), may ? "ok" : refusalFor(writer.conversation), { px: CACHE_MS });
  }
}

/** A permission read from Redis; undefined when Redis does not hold one. */
function cachedPermission(value: string | null | undefined): Permission | undefined {
  return value === "ok" || value === "not_friends" || value === "conversation_not_found" ? value : undefined;
}

function peerOf(writer: Writer): UserId | null {
  const parts = conversationParts(writer.conversation);
  if (parts.kind === "group") return null;
  return parts.users.find((user) => user !== writer.userId) ?? null;
}

function refusalFor(conversation: ConversationId): Permission {
  return conversationParts(conversation).kind === "dm" ? "not_friends" : "conversation_not_found";
}
