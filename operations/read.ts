import type { Submission } from "../lib/rpc/logic.ts";
import { refuse } from "../lib/rpc/outcome.ts";
import type { StatusRecord } from "../schema/internal/status-record.ts";
import { MAX_READERS } from "../schema/wire/conversation.ts";
import { Seq } from "../schema/wire/ids.ts";
import type { FrameOf, SignalKind } from "./kind.ts";

type Marker = Submission<FrameOf<"read">>;

/** Moves read cursors forward, never back and never past the newest message. The rows are locked already. */
const MOVE_CURSORS = `
  WITH asked AS (
    SELECT * FROM unnest($1::text[], $2::bigint[], $3::int[])
             WITH ORDINALITY AS asked (conversation, user_id, seq, place)
  ), moved AS (
    UPDATE members
       SET read_seq = least(asked.seq, conversations.last_seq)
      FROM asked JOIN conversations ON conversations.id = asked.conversation
     WHERE members.conversation = asked.conversation
       AND members.user_id = asked.user_id
       AND members.read_seq < least(asked.seq, conversations.last_seq)
    RETURNING asked.place, members.read_seq
  )
  SELECT asked.place - 1 AS place, moved.read_seq,
         CASE WHEN asked.conversation LIKE 'group:%' THEN (
           SELECT groups.member_count <= ${MAX_READERS} FROM groups WHERE groups.id = substr(asked.conversation, 7)::bigint
         ) ELSE EXISTS (
           SELECT FROM friendships
            WHERE friendships.user_id = split_part(asked.conversation, ':', 2)::bigint
              AND friendships.friend_id = split_part(asked.conversation, ':', 3)::bigint
         ) END AS shown
    FROM asked
    JOIN members ON members.conversation = asked.conversation AND members.user_id = asked.user_id
    LEFT JOIN moved ON moved.place = asked.place`;

/**
 * How far somebody has read: kept in Postgres in one round trip a batch, one write a reader and conversation. What has moved
 * goes to the conversation. In a big group it goes to the reader's own devices only, because with everybody reading the events
 * would grow with the square of its members; so it does when the two of a direct conversation are not friends any more.
 */
export const read: SignalKind<FrameOf<"read">> = {
  async signal({ database }, batch) {
    const furthest = furthestMarkers(batch);
    const asked = [...furthest.values()];
    const conversations = asked.map(({ frame }) => frame.conversation);
    const userIds = asked.map(({ userId }) => userId);
    const sql = database.$client;
    const [, rows = []] = await sql.transaction([
      sql.query("SELECT lock_members($1::text[], $2::bigint[])", [conversations, userIds]),
      sql.query(MOVE_CURSORS, [conversations, userIds, asked.map(({ frame }) => frame.seq)]),
    ]);
    const members = new Set<string>();
    const status: StatusRecord[] = [];
    for (const row of rows) {
      const marker = asked[Number(row.place)];
      if (marker === undefined) continue;
      members.add(markerKey(marker));
      if (row.read_seq === null) continue;
      const { userId, frame } = marker;
      status.push({
        kind: "read",
        conversation: frame.conversation,
        userId,
        seq: Seq.parse(row.read_seq),
        audience: row.shown === true ? "conversation" : "reader",
      });
    }
    const refusals = batch.map((marker) =>
      members.has(markerKey(marker)) ? null : refuse("conversation_not_found"),
    );
    return { refusals, status };
  },
};

function furthestMarkers(batch: Marker[]): Map<string, Marker> {
  const furthest = new Map<string, Marker>();
  for (const marker of batch) {
    const known = furthest.get(markerKey(marker));
    if (known === undefined || known.frame.seq < marker.frame.seq) furthest.set(markerKey(marker), marker);
  }
  return furthest;
}

function markerKey({ userId, frame }: Marker): string {
  return `${frame.conversation} ${userId}`;
}
