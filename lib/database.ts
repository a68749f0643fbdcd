import { type NeonQueryFunction, neon, neonConfig } from "@neondatabase/serverless";
import { drizzle, type NeonHttpDatabase } from "drizzle-orm/neon-http";
import { z } from "zod";

export const DatabaseSettings = z.object({
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, "must be a postgresql:// URL"),
  /** The endpoint of the Neon HTTP protocol, when the database is not at Neon. */
  NEON_HTTP_URL: z.url().optional(),
});

/** Postgres over HTTP: Drizzle's query builder; `$client` is Neon's function for hand-written statements. */
export type Database = NeonHttpDatabase & { $client: NeonQueryFunction<false, false> };

/** Makes a database client. Cheap: each query is an HTTP request, the server keeps the connections. */
export function connectDatabase(settings: z.infer<typeof DatabaseSettings>): Database {
  const { NEON_HTTP_URL } = settings;
  if (NEON_HTTP_URL !== undefined) neonConfig.fetchEndpoint = () => NEON_HTTP_URL;
  return drizzle(neon(settings.DATABASE_URL));
}

/** Formats a `timestamptz` from a hand-written statement for clients: RFC 3339, UTC, milliseconds. */
export function wireTimestamp(value: unknown): string {
  return new Date(value instanceof Date ? value : String(value)).toISOString();
}
