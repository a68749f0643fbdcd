import { z } from "zod";
import { Fact } from "../schema/internal/fact.ts";
import { Topic } from "../schema/internal/topic.ts";
import { append, distinctTopics } from "./append.ts";
import type { Clients } from "./clients.ts";

/** A fact that is committed and waits in `pending_facts`. */
const PendingFact = z.object({ id: z.string(), topic: Topic, fact: Fact });
type PendingFact = z.infer<typeof PendingFact>;

/** How many facts one relay takes. */
const MAX_FACTS = 1_000;
/** A fact older than this was not relayed by the call that committed it (seconds). */
const FORGOTTEN_SECONDS = 5;

/**
 * Puts the pending facts of some topics into the log and deletes them; returns the topics to drain. What fails stays
 * pending and is relayed again: a fact that comes twice, or after a newer one, does no harm, because what it says is
 * read when it is applied. Four round trips, whatever their number.
 */
export async function relayFacts(clients: Clients, topics: Topic[]): Promise<Topic[]> {
  const rows = await clients.database.$client.query(
    "SELECT id::text, topic, fact FROM pending_facts WHERE topic = ANY($1::text[]) ORDER BY id LIMIT $2",
    [topics, MAX_FACTS],
  );
  return relay(clients, rows);
}

/** The same for all topics, of facts that the call which committed them has not relayed by now. */
export async function relayForgottenFacts(clients: Clients): Promise<Topic[]> {
  const rows = await clients.database.$client.query(
    `SELECT id::text, topic, fact FROM pending_facts
      WHERE created_at < now() - make_interval(secs => $1) ORDER BY id LIMIT $2`,
    [FORGOTTEN_SECONDS, MAX_FACTS],
  );
  return relay(clients, rows);
}

async function relay(clients: Clients, rows: unknown[]): Promise<Topic[]> {
  const facts = rows.map((row): PendingFact => PendingFact.parse(row));
  if (facts.length === 0) return [];
  await append(
    clients,
    facts.map(({ topic, fact }) => ({ topic, record: { kind: "fact", fact } })),
  );
  await clients.database.$client.query("DELETE FROM pending_facts WHERE id = ANY($1::bigint[])", [
    facts.map(({ id }) => id),
  ]);
  return distinctTopics(facts);
}
