import { bigserial, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import type { OperatorAction } from "../internal/operator-action.ts";
import { brandedText, moment } from "./columns.ts";

/** What operators have done: a row is written in the transaction of the change that it tells of, and never changed. */
export const operatorActions = pgTable("operator_actions", {
  id: bigserial("id", { mode: "bigint" }).primaryKey(),
  at: moment("at").notNull().defaultNow(),
  /** the name that `OPS_TOKENS` gives the operator */
  operator: text("operator").notNull(),
  action: brandedText<OperatorAction>("action").notNull(),
  /** what was changed: a dead letter, a person */
  target: text("target").notNull(),
  /** what else is worth knowing, such as the reason; no message text */
  detail: jsonb("detail").$type<Record<string, string>>().notNull().default({}),
});
