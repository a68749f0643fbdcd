import { redisKeys } from "../lib/redis-keys.ts";
import type { Submission } from "../lib/rpc/logic.ts";
import { refuse } from "../lib/rpc/outcome.ts";
import { distinctWriters, readPermissions, type Writer, writerKey } from "../lib/write-permission.ts";
import type { StatusRecord } from "../schema/internal/status-record.ts";
import { type ConversationId, conversationParts } from "../schema/wire/conversation-id.ts";
import type { GroupId } from "../schema/wire/ids.ts";
import type { FrameOf, SignalKind } from "./kind.ts";

/** How often others hear that a person is typing in a conversation, at most (milliseconds). */
const EVERY_MS = 3_000;
/** In a group with more people online nobody hears of it. */
const MAX_ONLINE = 200;

/** Somebody who may write is typing: passed on, and stored nowhere. Two round trips a batch. */
export const typing: SignalKind<FrameOf<"typing">> = {
  async signal(clients, batch) {
    const writers = distinctWriters(batch.map(writerOf));
    const permissions = await readPermissions(clients, writers);
    const allowed = [...writers].flatMap(([key, writer]) => (permissions.get(key) === "ok" ? [writer] : []));
    const refusals = batch.map((one) => {
      const permission = permissions.get(writerKey(writerOf(one))) ?? "conversation_not_found";
      return permission === "ok" ? null : refuse(permission);
    });
    if (allowed.length === 0) return { refusals, status: [] };

    const groupIds = [...new Set(allowed.flatMap(({ conversation }) => groupOf(conversation) ?? []))];
    const pipeline = clients.redis.pipeline();
    for (const { conversation, userId } of allowed) {
      pipeline.set(redisKeys.typing(conversation, userId), "1", { nx: true, px: EVERY_MS });
    }
    for (const groupId of groupIds) pipeline.scard(redisKeys.groupOnline(groupId));
    const replies = await pipeline.exec<(string | number | null)[]>();
    const crowded = new Set(
      groupIds.filter((_, index) => Number(replies[allowed.length + index]) > MAX_ONLINE),
    );
    const status = allowed.flatMap(({ conversation, userId }, index): StatusRecord[] => {
      const groupId = groupOf(conversation);
      if (replies[index] === null || (groupId !== null && crowded.has(groupId))) return [];
      return [{ kind: "typing", conversation, userId }];
    });
    return { refusals, status };
  },
};

function writerOf({ userId, frame }: Submission<FrameOf<"typing">>): Writer {
  return { conversation: frame.conversation, userId };
}

function groupOf(conversation: ConversationId): GroupId | null {
  const parts = conversationParts(conversation);
  return parts.kind === "group" ? parts.groupId : null;
}
