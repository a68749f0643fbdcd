import { NeonDbError } from "@neondatabase/serverless";
import type { LoggedRecord } from "../../lib/message-log.ts";
import type { Task } from "./context.ts";

/** How many records one line of the log names. */
const LOGGED_RECORDS = 20;

/** A record that cannot be applied, with the reason. */
export type DeadLetter = LoggedRecord & { reason: string };

/**
 * Classes of SQLSTATE that blame what a statement was given: cardinality, data, integrity constraints, program limits.
 * All others (no connection, no right, a deadlock, a missing table) say nothing about a single record.
 */
const DATA_CLASSES = new Set(["21", "22", "23", "54"]);

/** Whether Postgres has refused something because of what it holds: trying it again cannot help. */
export function refusesData(fault: unknown): fault is NeonDbError {
  return fault instanceof NeonDbError && DATA_CLASSES.has(fault.code?.slice(0, 2) ?? "");
}

/** What an operator reads about a refusal. */
export function reasonOf({ code, message }: NeonDbError): string {
  return `${code}: ${message}`;
}

/** Keeps records in `dead_letters`, in one statement; a record that is there already stays as it is. */
export async function setAside(task: Task, letters: DeadLetter[]): Promise<void> {
  if (letters.length === 0) return;
  task.log.error("records are set aside", letters[0]?.reason, {
    count: letters.length,
    records: letters.slice(0, LOGGED_RECORDS).map(({ topic, offset }) => `${topic}@${offset}`),
  });
  await task.database.$client.query(
    `INSERT INTO dead_letters (topic, "offset", record, reason)
     SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[]) ON CONFLICT DO NOTHING`,
    [
      letters.map(({ topic }) => topic),
      letters.map(({ offset }) => offset),
      letters.map((letter) =>
        storable(letter.record === null ? letter.value : JSON.stringify(letter.record)),
      ),
      letters.map(({ reason }) => reason),
    ],
  );
}

/** Text that Postgres can hold: without U+0000 and lone surrogates, which may be why the record was refused. */
function storable(text: string): string {
  return text.toWellFormed().replaceAll("\u0000", "\uFFFD");
}
