/**
 * How long a search of messages takes in a database of a million: fills an embedded Postgres by SQL, and calls the search of
 * the API on it, without HTTP. Nothing else runs.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { Client } from "pg";
import { startEmbeddedServer } from "../../../gateway/postgres/embedded/server.ts";
import { termsOf, tokensOf, tokensWithin } from "../../../lib/message-search.ts";
import { UserId } from "../../../schema/wire/ids.ts";
import { ROOT } from "../../../scripts/system/project.ts";
import { LOOK_UP, searchMessages, WALK } from "../../../workers/api/search-messages.ts";
import { medianOf, showNumber } from "../report/median.ts";
import { table } from "../report/table.ts";
import { makeVocabulary } from "./texts.ts";

const MESSAGES = 1_000_000;
/** The different texts: each is in many messages, and the index sees as many words as in a language. */
const TEXTS = 20_000;
const CONVERSATIONS = 1_000;
const ROUNDS = 15;
const PAGE = 50;

/** People by what they can see; two conversations have a fifth of all messages each, the others share the rest. */
const PEOPLE = [
  { userId: UserId.parse("1"), name: "in 20 usual conversations", first: 3, last: 22 },
  { userId: UserId.parse("2"), name: "in 20, with 40 % of all messages", first: 1, last: 20 },
  { userId: UserId.parse("3"), name: "in all 1,000", first: 1, last: CONVERSATIONS },
];

/** Runs the benchmark; returns its report. */
export async function benchSearch(say: (what: string) => void): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "bench-search-"));
  const server = await startEmbeddedServer(join(folder, "postgres"));
  const client = new Client({ connectionString: server.connectionString });
  try {
    await client.connect();
    const { texts, queries } = makeVocabulary(TEXTS);
    say(`filling ${MESSAGES.toLocaleString("en")} messages`);
    await fill(client, texts);
    say("searching");
    const figures = await measure(client, queries);
    return `${table(figures)}\n\n${await sizes(client)}\n\n${await plans(client)}`;
  } finally {
    await client.end();
    await server.stop();
    await rm(folder, { recursive: true });
  }
}

async function fill(client: Client, texts: string[]): Promise<void> {
  for (const { sql } of readMigrationFiles({ migrationsFolder: join(ROOT, "schema/migrations") })) {
    for (const statement of sql) await client.query(statement);
  }
  // Without triggers: the index is filled here, and no facts are needed.
  await client.query("SET session_replication_role = replica");
  await client.query("CREATE TEMPORARY TABLE texts (place int PRIMARY KEY, text text, tokens int[])");
  await client.query(
    "INSERT INTO texts SELECT place - 1, text, tokens::int[] FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS t (text, tokens, place)",
    [texts, texts.map((text) => `{${tokensOf(text).join(",")}}`)],
  );
  await client.query(
    `INSERT INTO conversations (id) SELECT 'group:' || n FROM generate_series(1, ${CONVERSATIONS}) AS n`,
  );
  for (const { userId, first, last } of PEOPLE) {
    await client.query(
      "INSERT INTO members (conversation, user_id, role) SELECT 'group:' || n, $1, 'member' FROM generate_series($2::int, $3::int) AS n",
      [userId, first, last],
    );
  }
  const indexes = await client.query<{ indexdef: string; indexname: string }>(
    "SELECT indexdef, indexname FROM pg_indexes WHERE indexname = ANY($1)",
    [["message_tokens_search", "message_tokens_conversation"]],
  );
  for (const { indexname } of indexes.rows) await client.query(`DROP INDEX ${indexname}`);
  await client.query(`
    INSERT INTO messages (id, conversation, seq, rev, sender_id, client_id, content, sent_at)
    SELECT n, conversation, n, n, 10 + n % 50, gen_random_uuid()::text, jsonb_build_object('type', 'text', 'text', texts.text), now()
      FROM (
        SELECT n, (random() * ${TEXTS - 1})::int AS place, 'group:' || CASE
                 WHEN random() < 0.4 THEN 1 + (random() < 0.5)::int ELSE 3 + floor(random() * ${CONVERSATIONS - 2})
               END AS conversation
          FROM generate_series(1, ${MESSAGES}) AS n
      ) AS drawn JOIN texts USING (place) ORDER BY drawn.n`);
  await client.query(`
    INSERT INTO message_tokens (message_id, conversation, rev, tokens)
    SELECT id, conversation, rev, texts.tokens || field_token('conversation', conversation) || field_token('sender', sender_id::text)
      FROM messages JOIN texts ON texts.text = messages.content->>'text' ORDER BY id
    ON CONFLICT DO NOTHING`);
  for (const { indexdef } of indexes.rows) await client.query(indexdef);
  await client.query(`
    UPDATE conversations SET last_message_id = newest.id, last_seq = newest.id
      FROM (SELECT conversation, max(id) AS id FROM messages GROUP BY conversation) AS newest
     WHERE newest.conversation = conversations.id`);
  await client.query("VACUUM ANALYZE");
}

/** A table: the median and the most of each search, in milliseconds. */
async function measure(client: Client, queries: Record<string, string>): Promise<string[][]> {
  const rows = [["milliseconds: median (most)", ...PEOPLE.map(({ name }) => name)]];
  for (const [name, query] of Object.entries(queries)) {
    const cells: string[] = [];
    for (const { userId } of PEOPLE) {
      const times: number[] = [];
      let found = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const begun = performance.now();
        const search = { userId, query, conversation: undefined, senderId: undefined };
        found = (await searchMessages(storeOf(client), search, PAGE))?.found.length ?? 0;
        times.push(performance.now() - begun);
      }
      const median = medianOf(times);
      cells.push(
        median === null ? "" : `${showNumber(median.median)} (${showNumber(median.most)}), ${found} found`,
      );
    }
    rows.push([name, ...cells]);
  }
  return rows;
}

function storeOf(client: Client) {
  const query = async (text: string, values: unknown[]) =>
    (await client.query<Record<string, unknown>>(text, values)).rows;
  return { $client: { query } };
}

async function sizes(client: Client): Promise<string> {
  const { rows } = await client.query<{ name: string; size: string }>(
    "SELECT relname AS name, pg_size_pretty(pg_relation_size(oid)) AS size FROM pg_class WHERE relname LIKE 'message%' ORDER BY relname",
  );
  return rows.map(({ name, size }) => `  ${name}: ${size}`).join("\n");
}

/** How Postgres executes both statements, for a seldom word. */
async function plans(client: Client): Promise<string> {
  const parts: string[] = [];
  for (const statement of [WALK, LOOK_UP]) {
    const values = [
      PEOPLE[1]?.userId,
      null,
      termsOf("seldom").flatMap(tokensWithin),
      null,
      "9223372036854775807",
      PAGE + 1,
    ];
    const { rows } = await client.query<{ "QUERY PLAN": string }>(
      `EXPLAIN (ANALYZE, COSTS OFF, BUFFERS OFF, SUMMARY OFF) ${statement}`,
      values,
    );
    parts.push(rows.map((row) => `  ${row["QUERY PLAN"]}`).join("\n"));
  }
  return parts.join("\n\n");
}
