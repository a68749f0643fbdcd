import type { ReadMarker } from "../../lib/rpc/logic.ts";
import { accept, type Outcome, refuse } from "../../lib/rpc/outcome.ts";
import type { StatusRecord } from "../../schema/internal/status-record.ts";
import type { ConversationId } from "../../schema/wire/conversation-id.ts";
import { Seq, type UserId } from "../../schema/wire/ids.ts";
import type { Logic } from "./context.ts";
import { pushStatus } from "./push-status.ts";

/**
 * Moves read cursors forward, never back and never past the newest message, in one statement; what has moved is told to
 * the conversation through the status list.
 */
export async function read(logic: Logic, markers: ReadMarker[]): Promise<Outcome<null>[]> {
  const furthest = furthestMarkers(markers);
  const asked = [...furthest.values()];
  const rows = await logic.database.$client.query(
    `WITH asked AS (
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
     SELECT asked.place, moved.read_seq
       FROM asked
       JOIN members ON members.conversation = asked.conversation AND members.user_id = asked.user_id
       LEFT JOIN moved ON moved.place = asked.place`,
    [
      asked.map((marker) => marker.conversation),
      asked.map((marker) => marker.userId),
      asked.map((marker) => marker.seq),
    ],
  );
  const allowed = new Set<string>();
  const moved: StatusRecord[] = [];
  for (const row of rows) {
    const marker = asked[Number(row.place) - 1];
    if (marker === undefined) continue;
    allowed.add(markerKey(marker));
    if (row.read_seq !== null) {
      const { conversation, userId } = marker;
      moved.push({ kind: "read", conversation, userId, seq: Seq.parse(row.read_seq) });
    }
  }
  await pushStatus(logic, moved);
  return markers.map((marker) =>
    allowed.has(markerKey(marker)) ? accept(null) : refuse("conversation_not_found"),
  );
}

function furthestMarkers(markers: ReadMarker[]): Map<string, ReadMarker> {
  const furthest = new Map<string, ReadMarker>();
  for (const marker of markers) {
    const known = furthest.get(markerKey(marker));
    if (known === undefined || known.seq < marker.seq) furthest.set(markerKey(marker), marker);
  }
  return furthest;
}

function markerKey({ conversation, userId }: { conversation: ConversationId; userId: UserId }): string {
  return `${conversation} ${userId}`;
}
