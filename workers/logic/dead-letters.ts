import { z } from "zod";
import { readLetter, relayReplays } from "../../lib/dead-letter-replay.ts";
import { OperatorAction } from "../../schema/internal/operator-action.ts";
import { DeadLetterId, type DeadLetterOutcome } from "../../schema/wire/operator.ts";
import type { Logic } from "./context.ts";
import { kick } from "./kick.ts";

/** A statement's parameters for dead letters: their topics and offsets. */
type Places = [topics: string[], offsets: string[]];

const Found = z.object({ id: DeadLetterId, record: z.string() });
const Changed = z.object({ id: DeadLetterId });

const ASKED = `unnest($1::text[], $2::bigint[]) AS asked (topic, "offset")`;
const IS_ASKED = `dead_letters.topic = asked.topic AND dead_letters."offset" = asked."offset"`;
const ID = `dead_letters.topic || '@' || dead_letters."offset" AS id`;

/** Writes into the audit log what the statement before has changed; $3 is the operator. */
function noted(action: OperatorAction): string {
  return `INSERT INTO operator_actions (operator, action, target, detail)
    SELECT $3, '${action}', id, jsonb_build_object('reason', reason) FROM changed`;
}

const REPLAY = `
  WITH changed AS (
    UPDATE dead_letters SET replay_at = now() FROM ${ASKED} WHERE ${IS_ASKED} AND replay_at IS NULL
    RETURNING ${ID}, reason
  ), noted AS (${noted(OperatorAction.enum["dead-letter.replay"])})
  SELECT id FROM changed`;

const DROP = `
  WITH changed AS (
    DELETE FROM dead_letters USING ${ASKED} WHERE ${IS_ASKED} AND replay_at IS NULL
    RETURNING ${ID}, reason
  ), noted AS (${noted(OperatorAction.enum["dead-letter.drop"])})
  SELECT id FROM changed`;

/**
 * Has dead letters put back into their topics. They are marked in the transaction of the audit log, and put back at once;
 * if that fails, cron does it. Whose replay was asked for before is replayed, too, and nothing more is noted.
 */
export async function replayLetters(
  logic: Logic,
  operator: string,
  ids: DeadLetterId[],
): Promise<DeadLetterOutcome[]> {
  const { database } = logic;
  const rows = await database.$client.query(
    `SELECT ${ID}, record FROM dead_letters JOIN ${ASKED} ON ${IS_ASKED}`,
    placesOf(ids),
  );
  const found = new Map(rows.map((row) => Found.parse(row)).map(({ id, record }) => [id, record]));
  const outcomes = ids.map((id): DeadLetterOutcome => {
    const record = found.get(id);
    if (record === undefined) return "not_found";
    return readLetter(record) === undefined ? "unreadable" : "replayed";
  });
  const readable = ids.filter((_, index) => outcomes[index] === "replayed");
  if (readable.length === 0) return outcomes;
  await database.$client.query(REPLAY, [...placesOf(readable), operator]);
  await relay(logic);
  return outcomes;
}

/** Removes dead letters for good, but those on their way back into the log. */
export async function dropLetters(
  { database }: Logic,
  operator: string,
  ids: DeadLetterId[],
): Promise<DeadLetterOutcome[]> {
  const rows = await database.$client.query(DROP, [...placesOf(ids), operator]);
  const dropped = new Set(rows.map((row) => Changed.parse(row).id));
  return ids.map((id) => (dropped.has(id) ? "dropped" : "not_found"));
}

async function relay(logic: Logic): Promise<void> {
  try {
    const topics = await relayReplays(logic, { forgotten: false });
    if (topics.length > 0) logic.inBackground(kick(logic, topics));
  } catch (fault) {
    logic.log.error("replaying dead letters failed", fault);
  }
}

function placesOf(ids: DeadLetterId[]): Places {
  const places = ids.map((id) => id.split("@"));
  return [places.map(([topic = ""]) => topic), places.map(([, offset = ""]) => offset)];
}
