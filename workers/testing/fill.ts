import type { Client } from "pg";
import { tokensOf } from "../../lib/message-search.ts";
import { SNOWFLAKE_EPOCH } from "../../lib/snowflake.ts";
import { directConversation } from "../../schema/wire/conversation-id.ts";
import { UserId } from "../../schema/wire/ids.ts";

const PEOPLE = 20_000;
const PAIRS = PEOPLE / 2;
const GROUPS = 2_000;
const GROUP_SIZE = 20;
/** So many people are in the small groups. */
const IN_GROUPS = 2_000;
const TEXTS = 2_000;
/** The first group, which everybody is in, and the first pairs have such parts of all messages. */
const BUSY_PERCENT = 5;
const CLOSE_PERCENT = 10;
const CLOSE_PAIRS = 20;
/** The messages are spread over so many days, up to now. */
const DAYS = 730;

/** SQL: the content of the n-th message when it is a file. */
const FILE = `jsonb_build_object('type', 'file', 'url', '/api/v1/media/' || lpad(n::text, 22, '0'), 'name', n || '.bin',
  'mime', 'application/octet-stream', 'size', 1)`;

/** SQL: a number below `bound` for `n`, another for each `purpose`; the same at every run. */
function drawn(purpose: number, bound: number): string {
  return `(hashint8extended(n, ${purpose}) & 2147483647) % ${bound}`;
}

/** One of the people, from 1. */
export function personNumber(number: number): UserId {
  return UserId.parse(String(1_000 + number));
}

/** The direct conversation of the person of this number with the one `PAIRS` after. */
export function pairNumber(number: number) {
  return directConversation(personNumber(number), personNumber(number + PAIRS));
}

/** A word of many texts, and one of few. */
export const WORDS = { common: "common", seldom: "seldom" };

/** A text of words of which few are common, as in a language. */
function textNumber(number: number): string {
  const words = Array.from({ length: 10 }, (_, place) => {
    const drawn = ((number * 10 + place) * 7_919) % 10_007;
    return `word${Math.floor(30_000 ** (drawn / 10_007))}`;
  });
  if (number % 3 === 0) words.push(WORDS.common);
  if (number % 1_000 === 5) words.push(WORDS.seldom);
  return words.join(" ");
}

/**
 * Fills a migrated database with messages, spread over two years and 12,000 conversations, with reactions, mentions,
 * replies, uploads, hidden messages and their tokens. No triggers run.
 */
export async function fill(client: Client, messages: number): Promise<void> {
  await client.query("SET session_replication_role = replica");
  await fillPeople(client);
  const texts = Array.from({ length: TEXTS }, (_, number) => textNumber(number));
  await client.query("CREATE TEMPORARY TABLE texts (place int PRIMARY KEY, text text, tokens int[])");
  await client.query(
    "INSERT INTO texts SELECT place - 1, text, tokens::int[] FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS t (text, tokens, place)",
    [texts, texts.map((text) => `{${tokensOf(text).join(",")}}`)],
  );
  await client.query(
    `WITH drawn AS (
       SELECT n, ((extract(epoch FROM now()) * 1000)::bigint - ${SNOWFLAKE_EPOCH} - (($1 - n) * ${DAYS} * 86400000.0 / $1)::bigint) << 22 AS id,
              ${drawn(1, 100)} AS percent, ${drawn(2, 2)} = 0 AS in_group, 1 + ${drawn(3, GROUPS)} AS group_id,
              ${drawn(4, PAIRS)} AS pair, ${drawn(5, 2)} AS side, 1 + ${drawn(6, PEOPLE)} AS person
         FROM generate_series(1, $1::bigint) AS n
     ), paired AS (
       SELECT n, id, side, person, percent < ${BUSY_PERCENT} AS is_busy, in_group AND percent < ${100 - CLOSE_PERCENT} AS in_group, group_id,
              1 + CASE WHEN percent >= ${100 - CLOSE_PERCENT} THEN pair % ${CLOSE_PAIRS} ELSE pair END AS pair
         FROM drawn
     ), placed AS (
       SELECT n, id, CASE WHEN is_busy THEN 'group:1' WHEN in_group THEN 'group:' || group_id
                          ELSE 'dm:' || 1000 + pair || ':' || 1000 + pair + ${PAIRS} END AS conversation,
              1000 + CASE WHEN is_busy OR in_group THEN person ELSE pair + side * ${PAIRS} END AS sender_id
         FROM paired
     ), numbered AS (
       SELECT *, (row_number() OVER later)::int AS seq, lag(id, 3) OVER later AS earlier
         FROM placed WINDOW later AS (PARTITION BY conversation ORDER BY id)
     )
     INSERT INTO messages (id, conversation, seq, rev, sender_id, client_id, content, sent_at, reply_to, pinned_at)
     SELECT id, conversation, seq, seq, sender_id, gen_random_uuid()::text,
            CASE WHEN n % 100 = 0 THEN ${FILE}
                 ELSE jsonb_build_object('type', 'text', 'text', texts.text) END,
            to_timestamp(((id >> 22) + ${SNOWFLAKE_EPOCH}) / 1000.0), CASE WHEN n % 30 = 0 THEN earlier END,
            CASE WHEN n % 500 = 0 THEN now() END
       FROM numbered JOIN texts ON texts.place = n * 31 % ${TEXTS} ORDER BY id`,
    [messages],
  );
  await client.query(`
    UPDATE conversations SET last_message_id = newest.id, last_seq = newest.seq, rev = newest.seq, oldest_at = newest.oldest_at
      FROM (SELECT conversation, max(id) AS id, max(seq) AS seq, min(sent_at) AS oldest_at FROM messages GROUP BY conversation) AS newest
     WHERE newest.conversation = conversations.id`);
  await fillAround(client);
  await client.query("SET session_replication_role = origin");
  await client.query("VACUUM ANALYZE");
}

async function fillPeople(client: Client): Promise<void> {
  await client.query(`
    INSERT INTO users (id, username, username_folded, display_name)
    SELECT 1000 + n, 'person' || n, 'person' || n, 'Person ' || n FROM generate_series(1, ${PEOPLE}) AS n`);
  await client.query(`
    INSERT INTO groups (id, name, name_folded, join_policy, member_count)
    SELECT n, 'Group ' || n, 'group ' || n, 'open', ${GROUP_SIZE} FROM generate_series(1, ${GROUPS}) AS n`);
  await client.query(`
    INSERT INTO conversations (id)
    SELECT 'group:' || n FROM generate_series(1, ${GROUPS}) AS n UNION ALL
    SELECT 'dm:' || 1000 + n || ':' || 1000 + n + ${PAIRS} FROM generate_series(1, ${PAIRS}) AS n`);
  await client.query(`
    INSERT INTO members (conversation, user_id, role)
    SELECT 'group:1', 1000 + n, 'member' FROM generate_series(1, ${PEOPLE}) AS n UNION ALL
    SELECT 'group:' || g, 1001 + (g * 17 + n) % ${IN_GROUPS}, CASE n WHEN 0 THEN 'owner' ELSE 'member' END
      FROM generate_series(2, ${GROUPS}) AS g, generate_series(0, ${GROUP_SIZE - 1}) AS n UNION ALL
    SELECT 'dm:' || 1000 + n || ':' || 1000 + n + ${PAIRS}, 1000 + n + side * ${PAIRS}, 'member'
      FROM generate_series(1, ${PAIRS}) AS n, generate_series(0, 1) AS side`);
  await client.query(`
    INSERT INTO friendships (user_id, friend_id)
    SELECT 1000 + n + side * ${PAIRS}, 1000 + n + (1 - side) * ${PAIRS}
      FROM generate_series(1, ${PAIRS}) AS n, generate_series(0, 1) AS side`);
}

/** What belongs to messages: each of these tables has some thousand rows at least. */
async function fillAround(client: Client): Promise<void> {
  await client.query(`
    INSERT INTO message_tokens (message_id, conversation, rev, tokens)
    SELECT id, conversation, rev, texts.tokens || field_token('conversation', conversation) || field_token('sender', sender_id::text)
      FROM messages JOIN texts ON texts.text = messages.content->>'text' ORDER BY id`);
  await client.query(`
    INSERT INTO reactions (message_id, emoji, user_id, reacted_at)
    SELECT id, '👍', 1001 + n, sent_at FROM messages, generate_series(0, 1) AS n WHERE seq % 10 = 0`);
  await client.query(`
    INSERT INTO mentions (conversation, user_id, seq)
    SELECT conversation, 1001 + seq % ${PEOPLE}, seq FROM messages WHERE seq % 3 = 1 AND conversation LIKE 'group:%'`);
  await client.query(`
    INSERT INTO hidden_messages (message_id, user_id, conversation, seq, rev)
    SELECT messages.id, members.user_id, conversation, seq, rev
      FROM messages JOIN members USING (conversation) WHERE seq % 20 = 2 AND conversation LIKE 'dm:%'`);
  await client.query(`
    INSERT INTO applied_operations (sender_id, client_id)
    SELECT sender_id, gen_random_uuid()::text FROM messages WHERE seq % 10 = 3`);
  await client.query(`
    INSERT INTO media (url, uploader_id, content, kept_until)
    SELECT content->>'url', sender_id, content, NULL FROM messages WHERE content->>'url' IS NOT NULL`);
  await client.query(`
    INSERT INTO conversation_settings (conversation, user_id, pinned)
    SELECT conversation, user_id, true FROM members WHERE user_id % 5 = 0`);
  await client.query(`
    UPDATE members SET read_seq = greatest(0, conversations.last_seq - user_id % 8)::int
      FROM conversations WHERE conversations.id = members.conversation`);
}
