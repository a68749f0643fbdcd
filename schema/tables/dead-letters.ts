import { bigint, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import type { Topic } from "../internal/topic.ts";
import { brandedText, moment } from "./columns.ts";

/** Records that could not be applied, by topic and offset. They are set aside so that they do not block their topics. */
export const deadLetters = pgTable(
  "dead_letters",
  {
    topic: brandedText<Topic>("topic").notNull(),
    offset: bigint("offset", { mode: "number" }).notNull(),
    /** the text of the record in the log */
    record: text("record").notNull(),
    /** why it could not be applied: for operators, never shown to clients */
    reason: text("reason").notNull(),
    createdAt: moment("created_at").notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.topic, table.offset] })],
);
