import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { postgresStore } from "../gateway/postgres/settings.ts";
import { DEBIAN_POSTGRES, type RealPostgres, startRealPostgres } from "../gateway/testing/real/postgres.ts";
import { snowflakeMs } from "../lib/snowflake.ts";
import { partitionMessages } from "../scripts/partition/partition-messages.ts";
import { idAt } from "../scripts/partition/switch.ts";
import { Complaint } from "../scripts/system/complaint.ts";
import { migrateExternal } from "../scripts/system/external-database.ts";
import { type FilledDatabase, openFilledDatabase } from "./testing/filled-database.ts";
import { hotStatements, sending } from "./testing/hot-statements.ts";
import { accessesOf } from "./testing/plans.ts";

const DAY_MS = 86_400_000;
/** The first day of a partition, so many days from now. */
const dayIn = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);
const DAYS = [dayIn(30), dayIn(60)] as const;
const partition = (day: string) => `messages_until_${day.replaceAll("-", "_")}`;

/** The statements that find messages by their id, and so look into one partition each. */
const BY_ID = ["edit", "recall", "react", "hide a message", "search: a common word", "search: a seldom word"];

describe("messages in partitions", () => {
  let filled: FilledDatabase | undefined;

  beforeAll(async () => {
    filled = await openFilledDatabase(20_000);
  }, 120_000);

  afterAll(() => filled?.close());

  function opened(): FilledDatabase {
    if (filled === undefined) throw new Error("the database is open in tests only");
    return filled;
  }

  const partitioned = (days: readonly string[]) => {
    const store = postgresStore({ DATABASE_URL: opened().connectionString, DATABASE_CONNECTIONS: 1 });
    if (store === undefined) throw new Error("the connection string is valid");
    return migrateExternal(store, async (target) => {
      const names = await partitionMessages(target, days);
      return { applied: names.length, fresh: false };
    });
  };
  const query = async (text: string, ...values: unknown[]) =>
    await opened().database.$client.query(text, values);
  const count = async (table: string) =>
    Number((await query(`SELECT count(*) AS count FROM ${table}`))[0]?.count);
  /** Stores a message of a moment. */
  const store = async (at: Date) => {
    const { statement, clientId } = sending(at);
    await query(statement.text, ...statement.values);
    return clientId;
  };

  it.each([
    ["without a day", []],
    ["from a day that is near", [dayIn(3)]],
    ["in an order that falls", [DAYS[1], DAYS[0]]],
    ["from what is no day", ["2030-13-01"]],
    ["that are too many", Array.from({ length: 12 }, (_, index) => dayIn(30 + index))],
  ])("are not made %s", async (_, days) => {
    await expect(partitioned(days)).rejects.toThrow(Complaint);
  });

  it("are made while messages are stored, and none is lost", async () => {
    // What an attempt that was killed has left.
    await query(
      "ALTER TABLE messages ADD CONSTRAINT messages_bound CHECK (id < 9000000000000000000) NOT VALID",
    );
    const before = await count("messages");
    let going = true;
    const stored: string[] = [];
    const storing = (async () => {
      while (going) stored.push(await store(new Date()));
    })();
    await partitioned(DAYS);
    going = false;
    await storing;
    expect(stored.length).toBeGreaterThan(5);
    expect(await count("messages")).toBe(before + stored.length);
    expect(await count(partition(DAYS[0]))).toBe(before + stored.length);
    expect(await count("messages_later")).toBe(0);
    expect(await query("SELECT 1 FROM pg_constraint WHERE conname = 'messages_bound'")).toEqual([]);
  }, 60_000);

  it("go into the partition of their time", async () => {
    await store(new Date(Date.now() + 40 * DAY_MS));
    await store(new Date(Date.now() + 90 * DAY_MS));
    expect([await count(partition(DAYS[1])), await count("messages_later")]).toEqual([1, 1]);
    expect(snowflakeMs(idAt(DAYS[0]))).toBe(Date.parse(DAYS[0]));
  });

  it("are stored once, also when the first time was in another partition", async () => {
    const at = new Date(Date.now() + 1_000);
    const { statement, clientId } = sending(at);
    await query(statement.text, ...statement.values);
    const again = sending(new Date(Date.now() + 41 * DAY_MS), clientId);
    const before = await count("messages");
    const [row] = await query(again.statement.text, ...again.statement.values);
    expect(row?.message).toMatchObject({ clientId, sentAt: at.toISOString() });
    expect(await count("messages")).toBe(before);
  });

  it("are read by their indexes: by id from one partition, by seq and rev from each", async () => {
    // The locks read no messages, and find the ids of later ones.
    const { locks: _, ...statements } = await hotStatements(opened());
    for (const [name, all] of Object.entries(statements)) {
      for (const statement of all) {
        const found = await accessesOf(opened().client, statement);
        const ofMessages = found.filter(
          ({ table, loops }) => /^messages_(until|later)/.test(table) && loops > 0,
        );
        // Postgres reads a partition with one row as a whole.
        expect(
          ofMessages.filter(({ index, rows, loops }) => index === null && rows > 2 * loops),
          name,
        ).toEqual([]);
        if (!BY_ID.includes(name)) continue;
        expect(new Set(ofMessages.map(({ table }) => table)).size, name).toBe(1);
      }
    }
  });

  it("take along what belongs to them when they are removed", async () => {
    const [message] = await query(`
      SELECT id::text, conversation, seq FROM messages
       WHERE EXISTS (SELECT 1 FROM mentions WHERE mentions.conversation = messages.conversation AND mentions.seq = messages.seq)
         AND EXISTS (SELECT 1 FROM reactions WHERE reactions.message_id = messages.id) LIMIT 1`);
    const left = async () => [
      ...(await query(
        "SELECT 1 FROM mentions WHERE conversation = $1 AND seq = $2",
        message?.conversation,
        message?.seq,
      )),
      ...(await query("SELECT 1 FROM reactions WHERE message_id = $1", message?.id)),
      ...(await query("SELECT 1 FROM message_tokens WHERE message_id = $1", message?.id)),
    ];
    expect((await left()).length).toBeGreaterThanOrEqual(3);
    await query("DELETE FROM messages WHERE id = $1", message?.id);
    expect(await left()).toEqual([]);
  });

  it("cannot refer to a message that is not there", async () => {
    await expect(
      query("INSERT INTO reactions (message_id, emoji, user_id, reacted_at) VALUES (1, '👍', 1, now())"),
    ).rejects.toThrow(/foreign key/);
  });

  it("get further partitions only while the last one is empty", async () => {
    await expect(partitioned([dayIn(120)])).rejects.toThrow(/has messages already/);
    await query("DELETE FROM messages WHERE id >= $1", idAt(DAYS[1]).toString());
    await expect(partitioned([DAYS[0]])).rejects.toThrow(/must come after it/);
    await partitioned([dayIn(120), dayIn(180)]);
    await store(new Date(Date.now() + 130 * DAY_MS));
    expect(await count(partition(dayIn(180)))).toBe(1);
  });
});

describe.skipIf(DEBIAN_POSTGRES === undefined)("on Debian's Postgres", () => {
  let postgres: RealPostgres | undefined;
  beforeAll(async () => {
    postgres = await startRealPostgres(DEBIAN_POSTGRES ?? "embedded");
  }, 60_000);
  afterAll(() => postgres?.remove());

  it("a fresh database is partitioned, and further by another call", async () => {
    const store = postgresStore({ DATABASE_URL: postgres?.url(), DATABASE_CONNECTIONS: 1 });
    if (store === undefined) throw new Error("the URL is valid");
    await migrateExternal(store);
    let names: string[] = [];
    for (const day of DAYS) {
      await migrateExternal(store, async (target) => {
        names = await partitionMessages(target, [day]);
        return { applied: names.length, fresh: false };
      });
    }
    expect(names).toEqual([partition(DAYS[0]), partition(DAYS[1]), "messages_later"]);
    // A later start finds nothing to migrate, and no right that is missing.
    expect(await migrateExternal(store)).toEqual({ applied: 0, fresh: false, refusal: null });
  });
});
