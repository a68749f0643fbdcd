import { NeonDbError } from "@neondatabase/serverless";
import type { LoggedRecord, ReadableRecord } from "../../lib/message-log.ts";
import { presenceOf } from "../../lib/presence.ts";
import { type Snowflake, snowflakeMs } from "../../lib/snowflake.ts";
import type { Effect, Row, Statement } from "../../operations/kind.ts";
import type { Task } from "./context.ts";
import { type DeadLetter, reasonOf, refusesData, setAside } from "./dead-letters.ts";
import { inRevOrder } from "./rev-order.ts";
import { distinct, effectsOf, type Logged, onlineAskedFor, runsOf, stamp, writtenBy } from "./runs.ts";

/** An applied record, with what it causes. */
export type Applied = { logged: Logged; effects: Effect[] };

/** A record with the row that its statement returned. */
type Result = { logged: Logged; row: Row | undefined };

/** Postgres: ids are not above the newest of their conversations; the detail is that newest (`lock_conversations`). */
const STALE_IDS = "IM001";

/**
 * Applies records in the order of the log, in one transaction and one round trip, and returns what each causes, in the
 * same order; `floorMs` is the newest millisecond that any other worker is known to have stamped. An operation that was
 * applied before changes nothing and has the same effects again. Records that cannot be read, or that Postgres refuses,
 * are set aside, so that they stop neither their topic nor the rest of the batch. Throws when Postgres does not respond.
 */
export async function applyRecords(task: Task, records: LoggedRecord[], floorMs: number): Promise<Applied[]> {
  const generator = await task.snowflakes.generator(task.redis);
  generator.raise(floorMs);
  const readable: ReadableRecord[] = [];
  const deadLetters: DeadLetter[] = [];
  for (const record of records) {
    if (record.record === null) deadLetters.push({ ...record, reason: "unreadable" });
    else readable.push(record);
  }
  const { userIds, groupIds } = onlineAskedFor(
    readable.flatMap(({ record }) => (record.kind === "fact" ? [record.fact] : [])),
  );
  const [applied, online] = await Promise.all([
    applyOrBisect(task, readable, generator, deadLetters),
    presenceOf(task.redis, userIds, groupIds),
  ]);
  await setAside(task, deadLetters);
  noteWithoutEffect(task, applied);
  return inRevOrder(applied.map(({ logged, row }) => ({ logged, effects: effectsOf(logged, row, online) })));
}

/**
 * Applies records together or, when Postgres refuses something that one of them holds, in halves, in order, until the
 * bad one is alone: it was refused once more by then, and counts as dead.
 */
async function applyOrBisect(
  task: Task,
  records: ReadableRecord[],
  generator: Snowflake,
  deadLetters: DeadLetter[],
): Promise<Result[]> {
  const [first] = records;
  if (first === undefined) return [];
  try {
    return await applyTogether(task, records, generator);
  } catch (fault) {
    if (!refusesData(fault)) throw fault;
    if (records.length === 1) {
      deadLetters.push({ ...first, reason: reasonOf(fault) });
      return [];
    }
    // Only here the number of round trips grows, with the logarithm of the batch.
    const middle = Math.ceil(records.length / 2);
    const before = await applyOrBisect(task, records.slice(0, middle), generator, deadLetters);
    const after = await applyOrBisect(task, records.slice(middle), generator, deadLetters);
    return [...before, ...after];
  }
}

async function applyTogether(task: Task, records: ReadableRecord[], generator: Snowflake): Promise<Result[]> {
  const stamped = () => distinct(records.map((record) => stamp(record, generator)));
  try {
    return await transact(task, stamped());
  } catch (fault) {
    if (!(fault instanceof NeonDbError) || fault.code !== STALE_IDS) throw fault;
    // Rare: the lock had lapsed and its next owner has stored later ids, or Redis lost the clocks.
    generator.raise(snowflakeMs(BigInt(fault.detail ?? "0")));
    return await transact(task, stamped());
  }
}

/** One transaction in one round trip: the locks and the fence of ids, then a statement a run. */
async function transact(task: Task, logged: Logged[]): Promise<Result[]> {
  const runs = runsOf(logged);
  const locks = lockStatements(logged);
  const sql = task.database.$client;
  const results = await sql.transaction(
    [...locks, ...runs.map(({ statement }) => statement)].map(({ text, values }) => sql.query(text, values)),
  );
  const rows = new Map<Logged, Row>();
  for (const [index, { members }] of runs.entries()) {
    for (const row of results[locks.length + index] ?? []) {
      const member = members[Number(row.place)];
      if (member !== undefined) rows.set(member, row);
    }
  }
  return logged.map((one) => ({ logged: one, row: rows.get(one) }));
}

/**
 * The locks that operations and notices need, in the one order in which all transactions take them, with the check that the ids of
 * new messages are above those that their conversations have.
 */
function lockStatements(logged: Logged[]): Statement[] {
  const written = logged.flatMap((one) => writtenBy(one) ?? []);
  if (written.length === 0) return [];
  return [
    {
      text: "SELECT lock_operations($1::text[], $2::bigint[], $3::bigint[])",
      values: [
        written.map(({ conversation }) => conversation),
        written.map(({ id }) => id),
        written.map(({ senderId }) => senderId),
      ],
    },
  ];
}

/** An operation may lose a race with an earlier one, or its conversation may be gone: it is applied as nothing. */
function noteWithoutEffect(task: Task, results: Result[]): void {
  const without = results.filter(({ logged, row }) => logged.kind === "operation" && row === undefined);
  if (without.length === 0) return;
  task.log.warn("operations had no effect", {
    records: without.slice(0, 20).map(({ logged: { topic, offset } }) => `${topic}@${offset}`),
  });
}
