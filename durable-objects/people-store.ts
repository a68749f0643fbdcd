import type { GroupId, UserId } from "../schema/wire/ids.ts";
import { Person } from "./person.ts";

type Row = { user_id: UserId; group_ids: string; departs_at: number | null };

/** Who logic may know to be here, kept in the object's SQLite: a row a person, however many groups. */
export class PeopleStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(
      `CREATE TABLE IF NOT EXISTS people (
        user_id TEXT PRIMARY KEY, group_ids TEXT NOT NULL, departs_at INTEGER
      ) WITHOUT ROWID`,
    );
  }

  /** Everybody, with what logic knows of them left open: only their sockets can tell. */
  load(): Person[] {
    const rows = this.#sql.exec<Row>("SELECT user_id, group_ids, departs_at FROM people").toArray();
    return rows.map((row) => {
      const groupIds: GroupId[] = JSON.parse(row.group_ids);
      const person = new Person(row.user_id, "unknown", groupIds);
      person.departsAt = row.departs_at;
      return person;
    });
  }

  save({ userId, groupIds, departsAt }: Person): void {
    this.#sql.exec(
      `INSERT INTO people (user_id, group_ids, departs_at) VALUES (?1, ?2, ?3)
       ON CONFLICT DO UPDATE SET group_ids = ?2, departs_at = ?3`,
      userId,
      JSON.stringify([...groupIds]),
      departsAt,
    );
  }

  remove({ userId }: Person): void {
    this.#sql.exec("DELETE FROM people WHERE user_id = ?", userId);
  }
}
