import { type ConversationId, conversationParts } from "../schema/wire/conversation-id.ts";
import { Posting } from "../schema/wire/group.ts";
import type { GroupId, UserId } from "../schema/wire/ids.ts";
import type { ProblemCode } from "../schema/wire/problem.ts";
import type { Database } from "./database.ts";
import type { Redis } from "./redis.ts";
import { redisKeys } from "./redis-keys.ts";
import { readStanding, type Standing, standingText, verdictOf } from "./standing.ts";

/** A person and the conversation they want to write into. */
export type Writer = { conversation: ConversationId; userId: UserId };

/** Whether a writer may write: `ok`, or the code of the refusal. */
export type Permission =
  | "ok"
  | Extract<ProblemCode, "not_friends" | "conversation_not_found" | "muted" | "not_allowed">;

/**
 * A permission after a change: of a friendship or the end of a membership, of a member's standing, or of who may write
 * into a group (`gone`: nobody, it is deleted).
 */
export type PermissionChange =
  | (Writer & { may: boolean })
  | (Writer & { standing: Standing })
  | { conversation: ConversationId; posting: GroupPosting };

/** Who may write into a group; `gone` when it is deleted. */
type GroupPosting = Posting | "gone";

/** What Redis and Postgres hold about a writer, in the form that Redis has it. */
type Held = { standing: string; posting: GroupPosting };

type Pipeline = ReturnType<Redis["pipeline"]>;

/** How long Redis keeps a permission. A change of membership, standing or friendship writes the new one through. */
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
  const groups = [...new Set([...writers.values()].map(({ conversation }) => conversation).filter(isGroup))];
  const pipeline = redis.pipeline();
  pipeline.mget(...writers.keys(), ...groups.map(redisKeys.posting));
  also(pipeline);
  const [values] = await pipeline.exec<[(string | null)[]]>();
  const postings = new Map(
    groups.map((conversation, index) => [conversation, postingOf(values[writers.size + index])]),
  );
  const now = Date.now();
  const permissions = new Map<string, Permission>();
  const unknown: Writer[] = [];
  for (const [index, [key, writer]] of [...writers].entries()) {
    const standing = values[index] ?? null;
    const posting = isGroup(writer.conversation) ? postings.get(writer.conversation) : "all";
    const permission =
      standing === null || posting === undefined ? undefined : permissionOf({ standing, posting }, now);
    if (permission === undefined) unknown.push(writer);
    else permissions.set(key, permission);
  }
  if (unknown.length === 0) return permissions;
  for (const [key, held] of await loadPermissions({ redis, database }, unknown)) {
    permissions.set(key, permissionOf(held, now) ?? "conversation_not_found");
  }
  return permissions;
}

/**
 * Reads permissions from Postgres in one statement, and caches each in Redis only if Redis holds none: a permission
 * that was written through meanwhile is newer than the one read here.
 */
async function loadPermissions(
  { redis, database }: { redis: Redis; database: Database },
  writers: Writer[],
): Promise<Map<string, Held>> {
  const asked = writers.filter((writer) => !isOutsider(writer));
  const found = new Map<string, Held>(
    writers.map((writer) => [writerKey(writer), { standing: "conversation_not_found", posting: "all" }]),
  );
  if (asked.length === 0) return found;
  const rows = await database.$client.query(
    `SELECT asked.ordinality AS place, found.role, found.muted_until,
            EXISTS (SELECT 1 FROM friendships WHERE user_id = asked.user_id AND friend_id = asked.peer_id) AS friends,
            (SELECT posting FROM groups WHERE groups.id = asked.group_id) AS posting
       FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[])
            WITH ORDINALITY AS asked (conversation, user_id, peer_id, group_id, ordinality)
       LEFT JOIN LATERAL (
         SELECT role, muted_until FROM members
          WHERE members.conversation = asked.conversation AND members.user_id = asked.user_id LIMIT 1
       ) AS found ON true`,
    [
      asked.map((writer) => writer.conversation),
      asked.map((writer) => writer.userId),
      asked.map(peerOf),
      asked.map(groupOf),
    ],
  );
  for (const row of rows) {
    const writer = asked[Number(row.place) - 1];
    if (writer === undefined) continue;
    const group = isGroup(writer.conversation);
    const member = group && row.role !== null ? standingText(readStanding(row)) : undefined;
    found.set(writerKey(writer), {
      standing: member ?? (row.friends === true ? "ok" : refusalFor(writer.conversation)),
      posting: group ? (postingOf(row.posting) ?? "gone") : "all",
    });
  }
  const pipeline = redis.pipeline();
  const unlessHeld = { nx: true, px: CACHE_MS } as const;
  for (const [key, { standing }] of found) pipeline.set(key, standing, unlessHeld);
  for (const writer of asked.filter(({ conversation }) => isGroup(conversation))) {
    const held = found.get(writerKey(writer));
    if (held !== undefined) pipeline.set(redisKeys.posting(writer.conversation), held.posting, unlessHeld);
  }
  await pipeline.exec();
  return found;
}

/** Writes changed permissions through to Redis. Part of a pipeline; call it after the change is committed. */
export function writePermissions(pipeline: Pipeline, changes: PermissionChange[]): void {
  for (const change of changes) {
    if ("posting" in change) {
      pipeline.set(redisKeys.posting(change.conversation), change.posting, { px: CACHE_MS });
    } else {
      pipeline.set(writerKey(change), changedText(change), { px: CACHE_MS });
    }
  }
}

function changedText(change: Exclude<PermissionChange, { posting: GroupPosting }>): string {
  if ("standing" in change) return standingText(change.standing);
  return change.may ? "ok" : refusalFor(change.conversation);
}

/** The permission that follows from what is held; undefined when that is not understood. */
function permissionOf({ standing, posting }: Held, now: number): Permission | undefined {
  if (standing === "not_friends" || standing === "conversation_not_found") return standing;
  return posting === "gone" ? "conversation_not_found" : verdictOf(standing, posting, now);
}

function postingOf(value: unknown): GroupPosting | undefined {
  return value === "gone" ? value : Posting.safeParse(value).data;
}

function isGroup(conversation: ConversationId): boolean {
  return conversationParts(conversation).kind === "group";
}

function groupOf({ conversation }: Writer): GroupId | null {
  const parts = conversationParts(conversation);
  return parts.kind === "group" ? parts.groupId : null;
}

function peerOf(writer: Writer): UserId | null {
  const parts = conversationParts(writer.conversation);
  if (parts.kind === "group") return null;
  return parts.users.find((user) => user !== writer.userId) ?? null;
}

function refusalFor(conversation: ConversationId): "not_friends" | "conversation_not_found" {
  return isGroup(conversation) ? "conversation_not_found" : "not_friends";
}
