import { z } from "zod";
import type { Log } from "../lib/log.ts";
import { GroupId, UserId } from "../schema/wire/ids.ts";

const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue("is not valid JSON");
    return z.NEVER;
  }
});

/**
 * What is stored of a person. A deployment or its rollback wakes a bucket with rows that other code has written: they
 * grow by columns that may be null, they do not change.
 */
const Row = z
  .object({
    user_id: UserId,
    group_ids: json.pipe(z.array(GroupId)),
    departs_at: z.number().nullable(),
    offsets: z.nullable(json.pipe(z.array(z.tuple([GroupId, z.int()])))),
  })
  .transform(({ user_id, group_ids, departs_at, offsets }) => ({
    userId: user_id,
    groupIds: new Set(group_ids),
    departsAt: departs_at,
    offsets: new Map(offsets),
  }));

/** What is known of a person while the bucket is out of memory. */
export type StoredPerson = {
  readonly userId: UserId;
  readonly groupIds: ReadonlySet<GroupId>;
  readonly departsAt: number | null;
  /** The offset of the last control of each group that was applied, the latest control last. */
  readonly offsets: ReadonlyMap<GroupId, number>;
};

/** The people whom logic may have registered here, in the object's SQLite: a row a person, however many groups. */
export class PeopleStore {
  readonly #sql: SqlStorage;
  readonly #log: Log;

  constructor(sql: SqlStorage, log: Log) {
    this.#sql = sql;
    this.#log = log;
    sql.exec(
      `CREATE TABLE IF NOT EXISTS people (
        user_id TEXT PRIMARY KEY, group_ids TEXT NOT NULL, departs_at INTEGER
      ) WITHOUT ROWID`,
    );
    const [offsets] = sql.exec("SELECT 1 FROM pragma_table_info('people') WHERE name = 'offsets'").toArray();
    if (offsets === undefined) sql.exec("ALTER TABLE people ADD COLUMN offsets TEXT");
  }

  /** Everybody who is stored. An unreadable row is logged and passed over: its person registers anew. */
  load(): z.output<typeof Row>[] {
    return this.#sql
      .exec("SELECT user_id, group_ids, departs_at, offsets FROM people")
      .toArray()
      .flatMap((row) => {
        const { success, data, error } = Row.safeParse(row);
        if (success) return [data];
        this.#log.error("a stored person is unreadable", error);
        return [];
      });
  }

  save({ userId, groupIds, departsAt, offsets }: StoredPerson): void {
    this.#sql.exec(
      `INSERT INTO people (user_id, group_ids, departs_at, offsets) VALUES (?1, ?2, ?3, ?4)
       ON CONFLICT DO UPDATE SET group_ids = ?2, departs_at = ?3, offsets = ?4`,
      userId,
      JSON.stringify([...groupIds]),
      departsAt,
      offsets.size === 0 ? null : JSON.stringify([...offsets]),
    );
  }

  remove(userId: UserId): void {
    this.#sql.exec("DELETE FROM people WHERE user_id = ?", userId);
  }
}
