import { bigint, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import type { Topic } from "../internal/topic.ts";
import { brandedText, moment } from "./columns.ts";

/** Records that could not be applied, set aside so that they do not stop their topics: by their place in the log. */
export const deadLetters = pgTable(
  "dead_letters",
  {
    topic: brandedText<Topic>("topic").notNull(),
    offset: bigint("offset", { mode: "number" }).notNull(),
    /** the record as it is in the log */
    record: text("record").notNull(),
    /** why it could not be applied: for operators, never shown to clients */
    reason: text("reason").notNull(),
    createdAt: moment("created_at").notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.topic, table.offset] })],
);
