import { sql } from "drizzle-orm";
import { index, integer, pgTable, text } from "drizzle-orm/pg-core";
import type { JoinPolicy, Posting } from "../wire/group.ts";
import type { GroupId } from "../wire/ids.ts";
import { brandedText, moment, snowflake } from "./columns.ts";

export const groups = pgTable(
  "groups",
  {
    id: snowflake<GroupId>("id").primaryKey(),
    name: text("name").notNull(),
    /** the name in the form that a search compares: see `searchText` */
    nameFolded: text("name_folded").notNull(),
    /** the grams of the folded name, for the search index: see `lib/search-grams.ts` */
    searchGrams: text("search_grams").array().notNull().default([]),
    description: text("description").notNull().default(""),
    avatarUrl: text("avatar_url"),
    joinPolicy: brandedText<JoinPolicy>("join_policy").notNull(),
    posting: brandedText<Posting>("posting").notNull().default(sql`'all'`),
    /** after how many days its messages are removed; null: as the system's other ones */
    retentionDays: integer("retention_days"),
    memberCount: integer("member_count").notNull().default(0),
    createdAt: moment("created_at").notNull().defaultNow(),
  },
  (table) => [
    index("groups_name").on(table.nameFolded),
    index("groups_search").using("gin", table.searchGrams),
    index("groups_avatar").on(table.avatarUrl).where(sql`${table.avatarUrl} IS NOT NULL`),
  ],
);
