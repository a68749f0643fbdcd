import { NeonDbError } from "@neondatabase/serverless";
import type { LoggedRecord, ReadableRecord } from "../../lib/message-log.ts";
import { presenceOf } from "../../lib/presence.ts";
import { type Snowflake, snowflakeMs } from "../../lib/snowflake.ts";
import type { Effect, Row, Statement } from "../../operations/kind.ts";
import type { Task } from "./context.ts";
import {
  type DeadLetter,
  reasonOf,
  refusesData,
  refusesStatement,
  setAside,
  Unusable,
} from "./dead-letters.ts";
import {
  distinct,
  effectsOf,
  type Logged,
  onlineAskedFor,
  type Run,
  runsOf,
  stamp,
  writtenBy,
} from "./runs.ts";
import { noteApplied, type Suspect, Suspected, toBlame } from "./suspects.ts";

/** An applied record, with what it causes. */
export type Applied = { logged: Logged; effects: Effect[] };

/** A record with the row that its statement returned. */
type Result = { logged: Logged; row: Row | undefined };

/** The refusals of one attempt to apply a batch; `statements` counts those that may be Postgres' own. */
type Refusals = { deadLetters: DeadLetter[]; suspects: Suspect[]; statements: number };

/** How often Postgres may refuse statements in one attempt: finding one bad record among a thousand takes eleven. */
const MAX_REFUSALS = 100;

/** Postgres: ids are not above the newest of their conversations; the detail is that newest (`lock_conversations`). */
const STALE_IDS = "IM001";

/**
 * Applies records in the order of the log, in one transaction and one round trip, and returns what each causes, in the
 * same order; `floorMs` is the newest millisecond that any other worker is known to have stamped. An operation that was
 * applied before changes nothing and has the same effects again. Records that cannot be read, or that Postgres refuses,
 * are set aside, so that they stop neither their topic nor the rest of the batch. Throws when Postgres does not respond, and
 * `Suspected` when it refuses records and nothing says yet whether that is their fault.
 */
export async function applyRecords(task: Task, records: LoggedRecord[], floorMs: number): Promise<Applied[]> {
  const generator = await task.snowflakes.generator(task.redis);
  generator.raise(floorMs);
  const begun = Date.now();
  const readable: ReadableRecord[] = [];
  const refusals: Refusals = { deadLetters: [], suspects: [], statements: 0 };
  const { deadLetters } = refusals;
  for (const record of records) {
    if (record.record === null) deadLetters.push({ ...record, reason: "unreadable" });
    else readable.push(record);
  }
  const { userIds, groupIds } = onlineAskedFor(
    readable.flatMap(({ record }) => (record.kind === "fact" ? [record.fact] : [])),
  );
  const [applied, online] = await Promise.all([
    applyOrBisect(task, readable, generator, refusals),
    presenceOf(task.redis, userIds, groupIds),
  ]);
  const blamed = toBlame(refusals.suspects, begun);
  const others = refusals.suspects.filter((suspect) => !blamed.includes(suspect));
  if (others.length > 0) throw new Suspected(others);
  for (const { record, fault } of blamed) deadLetters.push({ ...record, reason: reasonOf(fault) });
  const caused = applied.map(({ logged, row }): Applied => {
    try {
      return { logged, effects: effectsOf(logged, row, online) };
    } catch (fault) {
      // It is applied, and clients get it by sync; only the push is missing, which its replay makes.
      const record = readable.find(({ topic, offset }) => topic === logged.topic && offset === logged.offset);
      if (record === undefined || !(fault instanceof Error)) throw fault;
      deadLetters.push({ ...record, reason: `applied, but not pushed: ${reasonOf(fault)}` });
      return { logged, effects: [] };
    }
  });
  await setAside(task, deadLetters);
  noteWithoutEffect(task, applied);
  return caused;
}

/**
 * Applies records together or, when Postgres refuses something that one of them holds, in halves, in order, until the
 * bad one is alone: it was refused once more by then, and counts as dead, or as suspect when the reason may be Postgres' own.
 */
async function applyOrBisect(
  task: Task,
  records: ReadableRecord[],
  generator: Snowflake,
  refusals: Refusals,
): Promise<Result[]> {
  const [first] = records;
  if (first === undefined) return [];
  try {
    const results = await applyTogether(task, records, generator);
    noteApplied(records);
    return results;
  } catch (fault) {
    const isBad = refusesData(fault) || fault instanceof Unusable;
    if (!isBad && !refusesStatement(fault)) throw fault;
    // When Postgres refuses everything, it is not asked about every single record.
    if (!isBad && ++refusals.statements > MAX_REFUSALS) throw fault;
    if (records.length === 1) {
      if (isBad) refusals.deadLetters.push({ ...first, reason: reasonOf(fault) });
      else refusals.suspects.push({ record: first, fault });
      return [];
    }
    // Only here the number of round trips grows, with the logarithm of the batch.
    const middle = Math.ceil(records.length / 2);
    const before = await applyOrBisect(task, records.slice(0, middle), generator, refusals);
    const after = await applyOrBisect(task, records.slice(middle), generator, refusals);
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
  const { locks, runs } = statementsOf(logged);
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

/** The statements of a transaction. What they fail with is a defect that one of the records meets. */
function statementsOf(logged: Logged[]): { locks: Statement[]; runs: Run[] } {
  try {
    return { locks: lockStatements(logged), runs: runsOf(logged) };
  } catch (fault) {
    throw new Unusable(String(fault), { cause: fault });
  }
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
