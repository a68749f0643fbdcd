import { type NeonQueryFunction, neon, neonConfig } from "@neondatabase/serverless";
import { drizzle, type NeonHttpDatabase } from "drizzle-orm/neon-http";
import { z } from "zod";

export const DatabaseSettings = z.object({
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, "must be a postgresql:// URL"),
  /** Where the Neon HTTP protocol is spoken, when it is not at Neon itself. */
  NEON_HTTP_URL: z.url().optional(),
});

/** Postgres over HTTP: Drizzle's builder, and under `$client` Neon's own function for hand-written statements. */
export type Database = NeonHttpDatabase & { $client: NeonQueryFunction<false, false> };

/** A database client; connections are the other side's business, so this costs nothing. */
export function connectDatabase(settings: z.infer<typeof DatabaseSettings>): Database {
  const { NEON_HTTP_URL } = settings;
  if (NEON_HTTP_URL !== undefined) neonConfig.fetchEndpoint = () => NEON_HTTP_URL;
  return drizzle(neon(settings.DATABASE_URL));
}

/** A `timestamptz` of a hand-written statement, as the wire has it: RFC 3339, UTC, milliseconds. */
export function wireTimestamp(value: unknown): string {
  return new Date(value instanceof Date ? value : String(value)).toISOString();
}
