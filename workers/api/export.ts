import type { Database } from "../../lib/database.ts";
import { messageJson, notHidden, timestampText } from "../../lib/views/message.ts";
import { userJson } from "../../lib/views/user.ts";
import type { ConversationId } from "../../schema/wire/conversation-id.ts";
import { ExportLine } from "../../schema/wire/export.ts";
import type { UserId } from "../../schema/wire/ids.ts";
import { Message } from "../../schema/wire/message.ts";

/** Where a message is: what the next page starts after. */
const Place = Message.pick({ conversation: true, seq: true });

/** The most lines of a page: what an export holds in memory at a time. */
const PAGE = 200;

/** A statement that reads a page of one kind: $1 is the person, $2 the key of the last line before, at first `first`. */
type Section = { first: string; sql: string };

const PROFILE: Section = {
  first: "0",
  sql: `
    SELECT users.id::text AS key, jsonb_build_object('kind', 'profile',
             'user', ${userJson("users")} || jsonb_build_object('lastSeen', users.last_seen),
             'createdAt', ${timestampText("users.created_at")}) AS line
      FROM users WHERE users.id = $1::bigint AND users.id > $2::bigint`,
};

const SESSIONS: Section = {
  first: "",
  sql: `
    SELECT id AS key, jsonb_build_object('kind', 'session', 'device', device,
             'createdAt', ${timestampText("created_at")}, 'usedAt', ${timestampText("used_at")}) AS line
      FROM sessions
     WHERE user_id = $1::bigint AND id > $2::text AND ended_at IS NULL AND expires_at > now()
     ORDER BY id LIMIT ${PAGE}`,
};

const FRIENDS: Section = {
  first: "0",
  sql: `
    SELECT friends.id::text AS key, jsonb_build_object('kind', 'friend', 'user', ${userJson("friends")},
             'since', ${timestampText("friendships.created_at")}) AS line
      FROM friendships JOIN users AS friends ON friends.id = friendships.friend_id
     WHERE friendships.user_id = $1::bigint AND friendships.friend_id > $2::bigint
     ORDER BY friendships.friend_id LIMIT ${PAGE}`,
};

const BLOCKS: Section = {
  first: "0",
  sql: `
    SELECT blocked.id::text AS key, jsonb_build_object('kind', 'block', 'user', ${userJson("blocked")},
             'since', ${timestampText("blocks.created_at")}) AS line
      FROM blocks JOIN users AS blocked ON blocked.id = blocks.blocked_id
     WHERE blocks.user_id = $1::bigint AND blocks.blocked_id > $2::bigint
     ORDER BY blocks.blocked_id LIMIT ${PAGE}`,
};

const GROUPS: Section = {
  first: "",
  sql: `
    SELECT page.conversation AS key, jsonb_build_object('kind', 'group',
             'group', jsonb_build_object('id', groups.id::text, 'name', groups.name),
             'role', page.role, 'joinedAt', ${timestampText("page.joined_at")}) AS line
      FROM (
        SELECT * FROM members
         WHERE user_id = $1::bigint AND conversation LIKE 'group:%' AND conversation > $2::text
         ORDER BY conversation LIMIT ${PAGE}
      ) AS page
      JOIN groups ON groups.id = split_part(page.conversation, ':', 2)::bigint
     ORDER BY page.conversation`,
};

const CONVERSATIONS: Section = {
  first: "",
  sql: `
    SELECT page.conversation AS key, jsonb_build_object('kind', 'conversation', 'conversation',
             jsonb_strip_nulls(jsonb_build_object(
               'id', page.conversation, 'firstSeq', conversations.first_seq, 'lastSeq', conversations.last_seq,
               'rev', conversations.rev, 'readSeq', page.read_seq,
               'mutedUntil', ${timestampText("settings.muted_until")}, 'pinned', nullif(settings.pinned, false),
               'archived', nullif(settings.archived, false), 'draft', settings.draft
             ))
             || CASE WHEN peers.id IS NULL THEN '{}'::jsonb
                     ELSE jsonb_build_object('peer', ${userJson("peers")}) END) AS line
      FROM (
        SELECT *, CASE WHEN conversation LIKE 'dm:%' THEN
                 (CASE WHEN split_part(conversation, ':', 2) = $1::text THEN split_part(conversation, ':', 3)
                       ELSE split_part(conversation, ':', 2) END)::bigint END AS peer_id
          FROM members WHERE user_id = $1::bigint AND conversation > $2::text
         ORDER BY conversation LIMIT ${PAGE}
      ) AS page
      JOIN conversations ON conversations.id = page.conversation
      LEFT JOIN users AS peers ON peers.id = page.peer_id
      LEFT JOIN conversation_settings AS settings
        ON settings.conversation = page.conversation AND settings.user_id = page.user_id
     ORDER BY page.conversation`,
};

/**
 * A page of the messages after a place ($2, $3) in the order of conversation and seq; null for one that the person has hidden,
 * so that a page without others does not look like the end. How many there are follows from the counters, so `taken` is bounded
 * before any message is read.
 */
const MESSAGES = `
  WITH queue AS (
    SELECT members.conversation, since.seq AS since,
           sum(conversations.last_seq - since.seq) OVER (ORDER BY members.conversation)
             - (conversations.last_seq - since.seq) AS ahead
      FROM members
      JOIN conversations ON conversations.id = members.conversation
     CROSS JOIN LATERAL (
       SELECT greatest(conversations.first_seq - 1, CASE WHEN members.conversation = $2::text THEN $3::int END) AS seq
     ) AS since
     WHERE members.user_id = $1::bigint AND members.conversation >= $2::text AND conversations.last_seq > since.seq
  ), taken AS (
    SELECT * FROM queue WHERE ahead < ${PAGE}
  )
  SELECT found.conversation, found.seq,
         CASE WHEN ${notHidden("found.id", "$1::bigint")} THEN ${messageJson("found")} END AS message
    FROM taken
   CROSS JOIN LATERAL (
     SELECT * FROM messages
      WHERE messages.conversation = taken.conversation AND messages.seq > taken.since
      ORDER BY messages.seq LIMIT ${PAGE}
   ) AS found
   ORDER BY taken.conversation, found.seq
   LIMIT ${PAGE}`;

/**
 * All that the system has of a person and shows to them, one JSON object a line, read page by page as the client takes
 * it: memory does not grow with the history.
 */
export function exportOf(
  database: Database,
  userId: UserId,
  onFault: (fault: unknown) => void,
): ReadableStream {
  const pages = pagesOf(database, userId);
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await pages.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value.map((line) => `${JSON.stringify(line)}\n`).join("")));
      } catch (fault) {
        // The status has been sent: the client learns of it by a response that breaks off.
        onFault(fault);
        controller.error(fault);
      }
    },
    async cancel() {
      await pages.return();
    },
  });
}

async function* pagesOf(database: Database, userId: UserId): AsyncGenerator<ExportLine[], void, void> {
  for (const section of [PROFILE, SESSIONS, FRIENDS, BLOCKS, GROUPS, CONVERSATIONS])
    yield* pagesOfSection(database, userId, section);
  yield* pagesOfMessages(database, userId);
}

async function* pagesOfSection(
  database: Database,
  userId: UserId,
  { first, sql }: Section,
): AsyncGenerator<ExportLine[], void, void> {
  let key = first;
  for (;;) {
    const rows = await database.$client.query(sql, [userId, key]);
    if (rows.length === 0) return;
    yield rows.map(({ line }) => ExportLine.parse(line));
    key = String(rows.at(-1)?.key);
  }
}

async function* pagesOfMessages(
  database: Database,
  userId: UserId,
): AsyncGenerator<ExportLine[], void, void> {
  let place: [ConversationId | "", number] = ["", 0];
  for (;;) {
    const rows = await database.$client.query(MESSAGES, [userId, ...place]);
    const last = rows.at(-1);
    if (last === undefined) return;
    const { conversation, seq } = Place.parse(last);
    yield rows.flatMap(({ message }): ExportLine[] =>
      message === null ? [] : [{ kind: "message", message: Message.parse(message) }],
    );
    place = [conversation, seq];
  }
}
