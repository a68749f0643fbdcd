import { z } from "zod";
import { LogRecord } from "../schema/internal/log-record.ts";
import { Topic } from "../schema/internal/topic.ts";
import { append, distinctTopics, type NewRecord } from "./append.ts";
import type { Clients } from "./clients.ts";
import { parseJson } from "./parse-json.ts";

/** The most records that one call puts back: with the largest ones, about six megabytes. */
const MAX_RECORDS = 100;
/** The call that commits the request relays it at once; older ones are those of failed calls (seconds). */
const FORGOTTEN_SECONDS = 5;

const Row = z.object({ topic: Topic, offset: z.string(), record: z.string() });

/** The record of a dead letter, or undefined when it cannot be read. */
export function readLetter(text: string): LogRecord | undefined {
  return LogRecord.safeParse(parseJson(text)).data;
}

/**
 * Puts the dead letters whose replay an operator has asked for back into their topics, behind what is there, and deletes
 * them; returns the topics to drain. Like a fact, one is in the database until it is in the log: after a failure it is put
 * back again, and what is in the log twice is applied once. Four round trips.
 */
export async function relayReplays(clients: Clients, options: { forgotten: boolean }): Promise<Topic[]> {
  const { database } = clients;
  const rows = await database.$client.query(
    `SELECT topic, "offset"::text, record FROM dead_letters
      WHERE replay_at IS NOT NULL AND replay_at <= now() - make_interval(secs => $1)
      ORDER BY topic, dead_letters."offset" LIMIT ${MAX_RECORDS}`,
    [options.forgotten ? FORGOTTEN_SECONDS : 0],
  );
  const letters = rows.map((row) => Row.parse(row));
  if (letters.length === 0) return [];
  const records = letters.flatMap(({ topic, record }): NewRecord[] => {
    const read = readLetter(record);
    return read === undefined ? [] : [{ topic, key: undefined, record: read }];
  });
  await append(clients, records);
  await database.$client.query(
    `DELETE FROM dead_letters USING unnest($1::text[], $2::bigint[]) AS done (topic, "offset")
      WHERE dead_letters.topic = done.topic AND dead_letters."offset" = done."offset"`,
    [letters.map(({ topic }) => topic), letters.map(({ offset }) => offset)],
  );
  return distinctTopics(records);
}
