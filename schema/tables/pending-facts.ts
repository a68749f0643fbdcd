import { bigserial, index, jsonb, pgTable } from "drizzle-orm/pg-core";
import type { Fact } from "../internal/fact.ts";
import type { Topic } from "../internal/topic.ts";
import { brandedText, moment } from "./columns.ts";

/**
 * The transactional outbox: facts that are committed and may not be in the log yet. Triggers insert here
 * (`schema/migrations/0002_operations.sql`), so that every change of a membership, friendship or session has its fact;
 * notices, and the hiding of a message, are inserted by the transaction that they tell of (`lib/notice-fact.ts`,
 * `workers/api/hide-message.ts`).
 * `lib/fact-relay.ts` puts them into the log and deletes them.
 */
export const pendingFacts = pgTable(
  "pending_facts",
  {
    id: bigserial("id", { mode: "bigint" }).primaryKey(),
    topic: brandedText<Topic>("topic").notNull(),
    fact: jsonb("fact").$type<Fact>().notNull(),
    createdAt: moment("created_at").notNull().defaultNow(),
  },
  (table) => [index("pending_facts_topic").on(table.topic)],
);
