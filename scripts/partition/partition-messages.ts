import { z } from "zod";
import { BAD_SETTING, Complaint } from "../system/complaint.ts";
import type { Migratable } from "../system/migrations.ts";
import {
  addBound,
  BOUND,
  type Day,
  type Definitions,
  dayOf,
  dropBound,
  extendStatements,
  partitionName,
  readDefinitions,
  switchStatements,
} from "./switch.ts";

/** How far ahead the first new partition begins: until the switch is done, no message may be stored that belongs there. */
const DAYS_AHEAD = 7;
const DAY_MS = 86_400_000;
/** Each partition is one more place to look for a conversation's messages. */
const MOST_PARTITIONS = 12;

const Partitions = z.array(z.object({ name: z.string(), from: z.coerce.bigint().nullable() }));
const Flag = z.tuple([z.object({ yes: z.boolean() })]);

/**
 * Turns `messages` into partitions by time, from the given days on, while the system runs; of a table that is partitioned
 * already, it replaces the last partition, while that is empty. Returns the names of the partitions. Begun again after it was
 * interrupted, it goes on.
 */
export async function partitionMessages(
  target: Migratable,
  days: readonly Day[],
  now = Date.now(),
): Promise<string[]> {
  checkDays(days, now);
  const before = await partitionsOf(target);
  if (before.length + days.length + 1 > MOST_PARTITIONS) {
    throw new Complaint(`There would be more than ${MOST_PARTITIONS} partitions.`, BAD_SETTING);
  }
  const definitions = await readDefinitions(target);
  if (before.length === 0) await switchOver(target, days, definitions);
  // Also what an interrupted attempt has left to be checked.
  await validate(target);
  if (before.length > 0) await extend(target, days, before, definitions);
  return (await partitionsOf(target)).map(({ name }) => name);
}

function checkDays(days: readonly Day[], now: number): void {
  const times = days.map((day) => (/^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(day) : Number.NaN));
  if (times.length === 0 || times.some(Number.isNaN)) {
    throw new Complaint("Name the days on which partitions begin, as 2030-07-01 2031-01-01.", BAD_SETTING);
  }
  if (times.some((time, index) => index > 0 && time <= (times[index - 1] ?? 0))) {
    throw new Complaint("The days must rise.", BAD_SETTING);
  }
  const earliest = now + DAYS_AHEAD * DAY_MS;
  if ((times[0] ?? 0) < earliest) {
    throw new Complaint(`The first day must be ${DAYS_AHEAD} days from now at least.`, BAD_SETTING);
  }
}

/** The partitions, the earliest first, with the least id of each; none while the table is a plain one. */
async function partitionsOf({ query }: Migratable): Promise<z.infer<typeof Partitions>> {
  return Partitions.parse(
    await query({
      text: `
        SELECT pg_class.relname AS name, substring(pg_get_expr(relpartbound, pg_class.oid) FROM 'FROM \\(''(\\d+)''\\)') AS from
          FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
         WHERE inhparent = 'messages'::regclass ORDER BY 2::bigint NULLS FIRST`,
    }),
  );
}

async function switchOver(target: Migratable, days: readonly Day[], definitions: Definitions): Promise<void> {
  const { query, transaction } = target;
  const [first] = days;
  if (first === undefined) return;
  // One that was left by an earlier attempt may have another day.
  await query({ text: dropBound() });
  await query({ text: addBound(first) });
  try {
    await query({ text: `ALTER TABLE messages VALIDATE CONSTRAINT ${BOUND}` });
    await transaction(switchStatements(days, definitions).map((text) => ({ text })));
  } catch (error) {
    // Left there, it would refuse messages from that day on.
    await query({ text: dropBound() });
    throw error;
  }
}

async function extend(
  { query, transaction }: Migratable,
  days: readonly Day[],
  before: z.infer<typeof Partitions>,
  definitions: Definitions,
): Promise<void> {
  const last = before.at(-1);
  const lastName = partitionName(undefined);
  if (last?.name !== lastName || last.from === null) {
    throw new Complaint(`The last partition is not ${lastName}.`, BAD_SETTING);
  }
  const begins = dayOf(last.from);
  if ((days[0] ?? "") <= begins) {
    throw new Complaint(`${lastName} begins on ${begins}: the days must come after it.`, BAD_SETTING);
  }
  const [{ yes: isUsed }] = Flag.parse(
    await query({ text: `SELECT EXISTS (SELECT 1 FROM ${lastName}) AS yes` }),
  );
  if (isUsed) {
    throw new Complaint(`${lastName} has messages already: only an empty one is replaced.`, BAD_SETTING);
  }
  await transaction(extendStatements([begins, ...days], definitions).map((text) => ({ text })));
}

/** Has Postgres check foreign keys that were made again without, while the tables are used, and count anew. */
async function validate({ query }: Migratable): Promise<void> {
  const unchecked = z.array(z.object({ table: z.string(), name: z.string() })).parse(
    await query({
      text: `
        SELECT conrelid::regclass::text AS table, conname AS name FROM pg_constraint
         WHERE confrelid = 'messages'::regclass AND contype = 'f' AND conparentid = 0 AND NOT convalidated`,
    }),
  );
  for (const { table, name } of unchecked) {
    await query({ text: `ALTER TABLE ${table} VALIDATE CONSTRAINT ${name}` });
  }
  await query({ text: "ANALYZE messages" });
}
