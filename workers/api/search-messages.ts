import { z } from "zod";
import { type Highlight, highlightsOf, termsOf, tokensWithin } from "../../lib/message-search.ts";
import { messageJson, notHidden } from "../../lib/views/message.ts";
import type { ConversationId } from "../../schema/wire/conversation-id.ts";
import { MessageId, type UserId } from "../../schema/wire/ids.ts";
import { Message } from "../../schema/wire/message.ts";

/** What the search needs of a database. */
type Store = {
  $client: { query(text: string, values: unknown[]): PromiseLike<Record<string, unknown>[]> };
};

/** What a person searches for, and where: in all their conversations or in one, of everybody or of one. */
export type MessageSearch = {
  userId: UserId;
  query: string;
  conversation: ConversationId | undefined;
  senderId: UserId | undefined;
};

/** A message that was found, with the places of the query in its text. */
export type FoundMessage = { message: Message; highlights: Highlight[] };

/** The messages that were found, the newest first, and before which id to go on; null when there are no more. */
export type FoundMessages = { found: FoundMessage[]; next: MessageId | null };

/** A page is filled in at most so many rounds: most candidates are found, so that the first one does. */
const ROUNDS = 3;
/** Newer than every message. */
const NEWEST = MessageId.parse("9223372036854775807");

/*
 * Two ways to find the newest messages that have some tokens. The walk looks at the newest messages of the caller: it soon
 * has a page of common words, and costs the same for all. The index finds all messages that have the tokens: fast for
 * words that are not common, where the walk finds too few. Both look only into the caller's conversations; the parameters
 * are the caller, a conversation or null, the tokens, a sender or null, before which id, and how many.
 */

const MINE = `
  mine AS MATERIALIZED (
    SELECT members.conversation, conversations.last_message_id
      FROM members JOIN conversations ON conversations.id = members.conversation
     WHERE members.user_id = $1::bigint AND ($2::text IS NULL OR members.conversation = $2::text)
  ), wanted AS MATERIALIZED (
    SELECT $3::int[] || CASE WHEN $4::text IS NULL THEN '{}' ELSE ARRAY[field_token('sender', $4::text)] END AS tokens
  )`;

/** How many conversations the walk goes through, those with the latest messages. */
const WALKED_CONVERSATIONS = 1_000;
/** How many messages the walk compares for each result. */
const COMPARED_PER_RESULT = 20;
/** The least that it takes of each conversation at first. */
const TAKEN = 8;

/**
 * The walk takes some of the newest messages of each conversation, and more of those that turn out to be busier than the
 * others: where all that was taken is newer than the oldest of as many as are compared. It knows all messages from its
 * edge on, and compares the newest. `whole`: these are all that there are.
 */
export const WALK = `
  WITH ${MINE}, latest AS MATERIALIZED (
    SELECT *, row_number() OVER (ORDER BY last_message_id DESC) AS place FROM mine
     WHERE last_message_id IS NOT NULL
     ORDER BY last_message_id DESC LIMIT ${WALKED_CONVERSATIONS + 1}
  ), bounds AS MATERIALIZED (
    SELECT $6::int * ${COMPARED_PER_RESULT} AS compared,
           greatest($6::int * ${COMPARED_PER_RESULT} / greatest(count(*), 1), ${TAKEN}) AS taken FROM latest
  ), taken AS MATERIALIZED (
    SELECT latest.conversation, seen.id FROM latest CROSS JOIN LATERAL (
      SELECT message_tokens.message_id AS id FROM message_tokens
       WHERE message_tokens.conversation = latest.conversation AND message_tokens.message_id < $5::bigint
       ORDER BY message_tokens.message_id DESC LIMIT (SELECT bounds.taken FROM bounds)
    ) AS seen WHERE latest.place <= ${WALKED_CONVERSATIONS}
  ), oldest AS MATERIALIZED (
    SELECT min(newest.id) AS id FROM (
      SELECT taken.id FROM taken ORDER BY taken.id DESC LIMIT (SELECT bounds.compared FROM bounds)
    ) AS newest
  ), unfinished AS MATERIALIZED (
    SELECT taken.conversation, min(taken.id) AS id FROM taken GROUP BY taken.conversation
    HAVING count(*) = (SELECT bounds.taken FROM bounds)
  ), more AS MATERIALIZED (
    SELECT unfinished.conversation, seen.id FROM unfinished, oldest CROSS JOIN LATERAL (
      SELECT message_tokens.message_id AS id FROM message_tokens
       WHERE message_tokens.conversation = unfinished.conversation AND message_tokens.message_id < unfinished.id
         AND message_tokens.message_id >= oldest.id
       ORDER BY message_tokens.message_id DESC LIMIT (SELECT bounds.compared FROM bounds)
    ) AS seen WHERE unfinished.id > oldest.id
  ), edge AS MATERIALIZED (
    SELECT max(ends.id) AS id FROM (
      SELECT oldest.id FROM oldest WHERE EXISTS (SELECT 1 FROM unfinished)
      UNION ALL SELECT min(more.id) FROM more GROUP BY more.conversation
      HAVING count(*) = (SELECT bounds.compared FROM bounds)
      UNION ALL SELECT last_message_id FROM latest WHERE place > ${WALKED_CONVERSATIONS}
    ) AS ends
  ), compared AS MATERIALIZED (
    SELECT walked.id FROM (SELECT taken.id FROM taken UNION ALL SELECT more.id FROM more) AS walked, edge
     WHERE edge.id IS NULL OR walked.id >= edge.id
     ORDER BY walked.id DESC LIMIT (SELECT bounds.compared FROM bounds)
  ), found AS MATERIALIZED (
    SELECT compared.id FROM compared
     CROSS JOIN LATERAL (
       SELECT message_tokens.tokens FROM message_tokens WHERE message_tokens.message_id = compared.id LIMIT 1
     ) AS indexed
     WHERE indexed.tokens @> (SELECT wanted.tokens FROM wanted)
       AND ${notHidden("compared.id", "$1::bigint")}
     ORDER BY compared.id DESC LIMIT $6::int
  )
  SELECT (SELECT count(*) FROM mine)::int AS conversations,
         edge.id IS NULL AND (SELECT count(*) FROM compared) < (SELECT bounds.compared FROM bounds) AS whole,
         CASE WHEN messages.id IS NOT NULL THEN ${messageJson("messages")} END AS message
    FROM edge LEFT JOIN (found JOIN messages ON messages.id = found.id) ON true
   ORDER BY messages.id DESC`;

export const LOOK_UP = `
  WITH ${MINE}, matching AS MATERIALIZED (
    SELECT message_tokens.message_id, message_tokens.conversation FROM message_tokens
     WHERE message_tokens.tokens @> (SELECT wanted.tokens FROM wanted)
       AND message_tokens.tokens && (SELECT array_agg(field_token('conversation', mine.conversation)) FROM mine)
       AND message_tokens.message_id < $5::bigint
  ), newest AS (
    SELECT matching.message_id FROM matching
     WHERE EXISTS (SELECT 1 FROM mine WHERE mine.conversation = matching.conversation)
       AND ${notHidden("matching.message_id", "$1::bigint")}
     ORDER BY matching.message_id DESC LIMIT $6::int
  )
  SELECT ${messageJson("found")} AS message
    FROM newest JOIN messages AS found ON found.id = newest.message_id
   ORDER BY found.id DESC`;

const Walked = z.object({ conversations: z.int(), whole: z.boolean(), message: Message.nullable() });
const LookedUp = z.object({ message: Message });

/**
 * The messages before an id that a search finds, in one or two statements a round. Returns null when the search names a
 * conversation that the person is not in.
 */
export async function searchMessages(
  database: Store,
  search: MessageSearch,
  limit: number,
  before: MessageId = NEWEST,
): Promise<FoundMessages | null> {
  const terms = termsOf(search.query);
  const found: FoundMessage[] = [];
  let next = before;
  for (let round = 0; round < ROUNDS; round++) {
    const candidates = await newestWith(database, search, terms, next, limit + 1);
    if (candidates === null) return null;
    for (const message of candidates) {
      const text = message.content?.type === "text" ? message.content.text : "";
      const highlights = highlightsOf(text, terms);
      if (highlights === null) continue;
      if (found.length === limit) return { found, next };
      found.push({ message, highlights });
      next = message.id;
    }
    const last = candidates.at(-1);
    if (last === undefined || candidates.length <= limit) return { found, next: null };
    next = last.id;
  }
  return { found, next };
}

/** The newest messages that have all tokens of some terms; null when the named conversation is not the person's. */
async function newestWith(
  database: Store,
  { userId, conversation, senderId }: MessageSearch,
  terms: string[],
  before: MessageId,
  count: number,
): Promise<Message[] | null> {
  const tokens = terms.flatMap(tokensWithin);
  const values = [userId, conversation ?? null, tokens, senderId ?? null, before, count];
  const walked = (await database.$client.query(WALK, values)).map((row) => Walked.parse(row));
  const [first] = walked;
  if (conversation !== undefined && first?.conversations === 0) return null;
  // A query without a word has no tokens, and finds nothing.
  if (first === undefined || terms.length === 0) return [];
  const newest = walked.flatMap(({ message }) => message ?? []);
  if (first.whole || newest.length === count) return newest;
  const rows = await database.$client.query(LOOK_UP, values);
  return rows.map((row) => LookedUp.parse(row).message);
}
