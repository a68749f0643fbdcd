import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Statement } from "../operations/kind.ts";
import { type FilledDatabase, openFilledDatabase } from "./testing/filled-database.ts";
import { hotStatements } from "./testing/hot-statements.ts";
import { type Access, accessesOf } from "./testing/plans.ts";

/** The indexes by which each hot statement may read messages; `messages_pkey` also looks up what replies are to. */
const INDEXES: Record<string, string[]> = {
  store: ["messages_client"],
  "store: replies, mentions and forwards": ["messages_client", "messages_pkey", "messages_seq"],
  "store: what is stored already": ["messages_client", "messages_pkey"],
  edit: ["messages_pkey"],
  recall: ["messages_pkey"],
  react: ["messages_pkey"],
  pin: ["messages_client", "messages_pinned", "messages_pkey"],
  locks: [],
  "whether an upload is used": ["messages_media"],
  "sync: a device that was away": ["messages_pkey", "messages_rev", "messages_seq"],
  "sync: a new device": ["messages_pkey", "messages_rev", "messages_seq"],
  "history: newest": ["messages_pkey", "messages_seq"],
  "history: before": ["messages_pkey", "messages_seq"],
  "history: after": ["messages_pkey", "messages_seq"],
  "history: a busy group": ["messages_pkey", "messages_seq"],
  "conversation list": ["messages_pkey", "messages_seq"],
  "one conversation": ["messages_pkey", "messages_seq"],
  "search: a common word": ["messages_pkey"],
  "search: a seldom word": ["messages_pkey"],
  "search: in one conversation": ["messages_pkey"],
  "hide a message": ["messages_pkey"],
  "removal of old messages": ["messages_pkey", "messages_replies", "messages_seq"],
};

/** The most rows of a table that a statement reads in one way: the busy group alone has 5,000 messages. */
const MOST_ROWS = 1_500;
/** A round of the removal goes through fifty conversations, of which most are read to their end here. */
const MOST_ROWS_REMOVED = 4_500;

describe("with 100,000 messages in 12,000 conversations", () => {
  let filled: FilledDatabase | undefined;
  let statements: Record<string, Statement[]> = {};

  beforeAll(async () => {
    filled = await openFilledDatabase(100_000);
    statements = await hotStatements(filled);
  }, 120_000);

  afterAll(() => filled?.close());

  async function accesses(name: string): Promise<Access[]> {
    if (filled === undefined) throw new Error("the database is open in tests only");
    const all: Access[] = [];
    for (const statement of statements[name] ?? []) all.push(...(await accessesOf(filled.client, statement)));
    return all;
  }

  it("every hot statement is looked at", () => {
    expect(Object.keys(statements).toSorted()).toEqual(Object.keys(INDEXES).toSorted());
  });

  describe.each(Object.entries(INDEXES))("%s", (name, indexes) => {
    it("reads tables by their indexes, and few rows", async () => {
      const found = await accesses(name);
      expect(found.filter(({ index }) => index === null)).toEqual([]);
      const most = name.startsWith("removal") ? MOST_ROWS_REMOVED : MOST_ROWS;
      expect(found.filter(({ rows }) => rows > most)).toEqual([]);
      const used = found.flatMap(({ table, index }) => (table === "messages" ? [index] : []));
      expect(used.filter((index) => !indexes.includes(index ?? ""))).toEqual([]);
    });
  });
});
