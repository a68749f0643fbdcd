import { sql } from "drizzle-orm";
import { bigserial, index, jsonb, pgTable } from "drizzle-orm/pg-core";
import type { UserId } from "../wire/ids.ts";
import type { MediaContent, MediaUrl } from "../wire/media.ts";
import { brandedText, moment, snowflake } from "./columns.ts";

/**
 * What was uploaded; the object itself is in R2. The messages, people and groups that name a url are its references
 * (`media_is_used`), so nothing counts them. Who may read or send it: `MEDIA_IS_THERE` in `lib/media.ts`.
 */
export const media = pgTable(
  "media",
  {
    url: brandedText<MediaUrl>("url").primaryKey(),
    uploaderId: snowflake<UserId>("uploader_id").notNull(),
    /** as a message holds it; null until the object is stored */
    content: jsonb("content").$type<MediaContent>(),
    createdAt: moment("created_at").notNull().defaultNow(),
    /** until when it is kept without a reference; null once task has found one */
    keptUntil: moment("kept_until").default(sql`now() + interval '1 day'`),
  },
  (table) => [index("media_kept_until").on(table.keptUntil).where(sql`${table.keptUntil} IS NOT NULL`)],
);

/**
 * A reference has gone: triggers write here, and task looks whether it was the last. Only ever inserted by operations: a
 * changed row of `media` would be one more lock, in no order.
 */
export const releasedMedia = pgTable(
  "released_media",
  {
    id: bigserial("id", { mode: "number" }).primaryKey(),
    url: brandedText<MediaUrl>("url").notNull(),
    releasedAt: moment("released_at").notNull().defaultNow(),
  },
  (table) => [index("released_media_url").on(table.url)],
);
