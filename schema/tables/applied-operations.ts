import { pgTable, primaryKey } from "drizzle-orm/pg-core";
import type { ClientId, UserId } from "../wire/ids.ts";
import { brandedText, moment, snowflake } from "./columns.ts";

/**
 * Operations that have changed a message, so that a repeated one is not applied again. A `send` has no row here: its
 * message holds the client id, until it is removed for its age.
 */
export const appliedOperations = pgTable(
  "applied_operations",
  {
    senderId: snowflake<UserId>("sender_id").notNull(),
    clientId: brandedText<ClientId>("client_id").notNull(),
    appliedAt: moment("applied_at").notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.senderId, table.clientId] })],
);
