import { z } from "zod";
import { SNOWFLAKE_EPOCH, snowflakeMs } from "../../lib/snowflake.ts";
import type { Migratable } from "../system/migrations.ts";

/** A day of the year, as YYYY-MM-DD. */
export type Day = string;

const Defined = z.object({ name: z.string(), definition: z.string() });

/** What the switch has to know of the database: the definitions that it makes again. */
const Definitions = z.object({
  /** the triggers of `messages` */
  triggers: z.array(Defined),
  /** the functions that return rows of `messages` */
  functions: z.array(Defined.pick({ definition: true }).extend({ signature: z.string() })),
  /** the indexes of `messages` but its primary key */
  indexes: z.array(Defined.extend({ unique: z.boolean() })),
  /** the foreign keys that refer to `messages` */
  references: z.array(Defined.extend({ table: z.string() })),
  /** who may do what with `messages` */
  grants: z.array(z.object({ grantee: z.string(), privilege: z.string() })),
});
export type Definitions = z.infer<typeof Definitions>;

const READ: { [Kind in keyof Definitions]: string } = {
  triggers: `
    SELECT tgname AS name, pg_get_triggerdef(oid) AS definition FROM pg_trigger
     WHERE tgrelid = 'messages'::regclass AND NOT tgisinternal ORDER BY tgname`,
  functions: `
    SELECT oid::regprocedure::text AS signature, pg_get_functiondef(oid) AS definition FROM pg_proc
     WHERE prorettype = 'messages'::regtype ORDER BY 1`,
  indexes: `
    SELECT relname AS name, pg_get_indexdef(indexrelid) AS definition, indisunique AS unique
      FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
     WHERE indrelid = 'messages'::regclass AND NOT indisprimary ORDER BY relname`,
  references: `
    SELECT conname AS name, conrelid::regclass::text AS table, pg_get_constraintdef(oid) AS definition FROM pg_constraint
     WHERE confrelid = 'messages'::regclass AND contype = 'f' ORDER BY conname`,
  grants: `
    SELECT grantee::regrole::text AS grantee, privilege_type AS privilege
      FROM pg_class CROSS JOIN LATERAL aclexplode(relacl) AS granted
     WHERE pg_class.oid = 'messages'::regclass AND grantee <> relowner`,
};

/** Reads the definitions. */
export async function readDefinitions({ query }: Pick<Migratable, "query">): Promise<Definitions> {
  const read = async (kind: keyof Definitions) => [kind, await query({ text: READ[kind] })] as const;
  const kinds = Definitions.keyof().options;
  const found: (readonly [string, unknown[]])[] = [];
  // One connection serves them, one after the other.
  for (const kind of kinds) found.push(await read(kind));
  return Definitions.parse(Object.fromEntries(found));
}

/** The id that a message of the first moment of a day (UTC) has at least. */
export function idAt(day: Day): bigint {
  return BigInt(Date.parse(day) - SNOWFLAKE_EPOCH) << 22n;
}

/** The day on which the id of its first moment is stamped. */
export function dayOf(id: bigint): Day {
  return new Date(snowflakeMs(id)).toISOString().slice(0, 10);
}

/** The name of the partition of the messages before a day, or of those after all days. */
export function partitionName(until: Day | undefined): string {
  return until === undefined ? "messages_later" : `messages_until_${until.replaceAll("-", "_")}`;
}

/** The constraint by which Postgres knows that every message is before the first day, without looking at them. */
export const BOUND = "messages_bound";

/** Adds that constraint, which locks the table for a moment. */
export function addBound(first: Day): string {
  return `ALTER TABLE messages ADD CONSTRAINT ${BOUND} CHECK (id < ${idAt(first)}) NOT VALID`;
}

/** Removes it again. */
export function dropBound(): string {
  return `ALTER TABLE messages DROP CONSTRAINT IF EXISTS ${BOUND}`;
}

/** Whether a foreign key is by conversation and seq, which no unique index across partitions can serve. */
function isBySeq({ definition }: Definitions["references"][number]): boolean {
  return definition.includes("(conversation, seq)");
}

/**
 * The statements that turn the table into partitions: the table as it is becomes the first one. They change the catalog only,
 * and so take no longer for more messages; for that time nobody else can use the tables.
 */
export function switchStatements(days: readonly Day[], definitions: Definitions): string[] {
  const [first] = days;
  if (first === undefined) throw new Error("there is a first day");
  const { triggers, functions, indexes, references } = definitions;
  const old = partitionName(first);
  const names = ["messages_pkey", ...indexes.map(({ name }) => name)];
  return [
    ...references.map(({ table, name }) => `ALTER TABLE ${table} DROP CONSTRAINT ${name}`),
    ...triggers.map(({ name }) => `DROP TRIGGER ${name} ON messages`),
    ...functions.map(({ signature }) => `DROP FUNCTION ${signature}`),
    `ALTER TABLE messages RENAME TO ${old}`,
    ...names.map((name) => `ALTER INDEX ${name} RENAME TO ${name}_${suffix(first)}`),
    `CREATE TABLE messages (LIKE ${old} INCLUDING DEFAULTS) PARTITION BY RANGE (id)`,
    "ALTER TABLE messages ADD CONSTRAINT messages_pkey PRIMARY KEY (id)",
    "ALTER TABLE messages ALTER COLUMN conversation SET (n_distinct_inherited = -0.001)",
    ...indexes.filter(({ unique }) => !unique).map(({ definition }) => definition),
    `ALTER TABLE messages ATTACH PARTITION ${old} FOR VALUES FROM (MINVALUE) TO (${idAt(first)})`,
    `ALTER TABLE ${old} DROP CONSTRAINT ${BOUND}`,
    ...granted("messages", definitions),
    ...newPartitions(days, definitions),
    ...functions.map(({ definition }) => definition),
    ...triggers.map(({ definition }) => definition),
    ...references
      .filter((reference) => !isBySeq(reference))
      .map(
        ({ table, name, definition }) =>
          `ALTER TABLE ${table} ADD CONSTRAINT ${name} ${definition} NOT VALID`,
      ),
    ...references.filter(isBySeq).flatMap(({ table }) => forgetting(table)),
  ];
}

/** The statements that replace the last partition, which must be empty, by further ones. `days` begins with where it began. */
export function extendStatements(days: readonly Day[], definitions: Definitions): string[] {
  const last = partitionName(undefined);
  return [
    "LOCK TABLE messages IN ACCESS EXCLUSIVE MODE",
    `DO $$ BEGIN IF EXISTS (SELECT 1 FROM ${last}) THEN RAISE 'it has messages now'; END IF; END $$`,
    `ALTER TABLE messages DETACH PARTITION ${last}`,
    `DROP TABLE ${last}`,
    ...newPartitions(days, definitions),
  ];
}

/** Partitions from each day to the next, and one from the last day on. What is unique, is unique within each. */
function newPartitions(days: readonly Day[], definitions: Definitions): string[] {
  return days.flatMap((from, index) => {
    const until = days[index + 1];
    const name = partitionName(until);
    const to = until === undefined ? "MAXVALUE" : String(idAt(until));
    return [
      `CREATE TABLE ${name} PARTITION OF messages FOR VALUES FROM (${idAt(from)}) TO (${to})`,
      `ALTER TABLE ${name} ALTER COLUMN conversation SET (n_distinct = -0.001)`,
      ...granted(name, definitions),
      ...UNIQUE.map(
        ([what, columns]) => `CREATE UNIQUE INDEX messages_${what}_${suffix(until)} ON ${name} (${columns})`,
      ),
    ];
  });
}

/** What is unique in each partition, beside the id, which is so across all. */
const UNIQUE = [
  ["seq", "conversation, seq"],
  ["rev", "conversation, rev"],
  ["client", "sender_id, client_id"],
] as const;

function granted(table: string, { grants }: Definitions): string[] {
  return grants.map(({ grantee, privilege }) => `GRANT ${privilege} ON ${table} TO ${grantee}`);
}

function suffix(until: Day | undefined): string {
  return partitionName(until).replace("messages_", "");
}

/** What a foreign key by conversation and seq has done when a message was removed. */
function forgetting(table: string): string[] {
  return [
    `CREATE FUNCTION forget_${table}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM ${table} USING gone WHERE ${table}.conversation = gone.conversation AND ${table}.seq = gone.seq;
  RETURN NULL;
END $$`,
    `CREATE TRIGGER forget_${table} AFTER DELETE ON messages REFERENCING OLD TABLE AS gone
       FOR EACH STATEMENT EXECUTE FUNCTION forget_${table}()`,
  ];
}
