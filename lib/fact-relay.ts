import { z } from "zod";
import { Fact } from "../schema/internal/fact.ts";
import { Topic } from "../schema/internal/topic.ts";
import { append, distinctTopics, type NewRecord } from "./append.ts";
import type { Clients } from "./clients.ts";

/** A committed fact in the outbox `pending_facts`, under its object's own topic. */
const PendingFact = z.object({ id: z.string(), topic: Topic, fact: Fact });
type PendingFact = z.infer<typeof PendingFact>;

/** The most facts that one call relays. */
export const MAX_FACTS = 1_000;
/** The call that commits a fact relays it at once; older facts are those of failed calls (seconds). */
const FORGOTTEN_SECONDS = 5;

/**
 * Puts the pending facts of some objects, given by their own topics, into the log and deletes them; returns the topics
 * to drain. After a failure the
 * facts stay pending and are relayed again. A repeated or late fact does no harm, because the current state is read when
 * the fact is applied. Four round trips, for any number of facts.
 */
export async function relayFacts(clients: Clients, topics: Topic[]): Promise<Topic[]> {
  const rows = await clients.database.$client.query(
    "SELECT id::text, topic, fact FROM pending_facts WHERE topic = ANY($1::text[]) ORDER BY id LIMIT $2",
    [topics, MAX_FACTS],
  );
  return relay(clients, rows);
}

/** Relays pending facts of all topics that the call which committed them has not relayed. Otherwise as `relayFacts`. */
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
  const records = facts.map(
    ({ topic, fact }): NewRecord => ({ ...clients.messageLog.place(topic), record: { kind: "fact", fact } }),
  );
  await append(clients, records);
  await clients.database.$client.query("DELETE FROM pending_facts WHERE id = ANY($1::bigint[])", [
    facts.map(({ id }) => id),
  ]);
  return distinctTopics(records);
}
