import { z } from "zod";

/** An external Postgres. */
export interface PostgresStore {
  /** Its connection string, which contains a password. */
  readonly url: string;
  /** The most sessions that the gateway opens. */
  readonly connections: number;
}

/** The settings of an external Postgres, by the names of their environment variables. */
export const postgresVariables = {
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, "must be a postgresql:// URL")
    .optional()
    .describe("The postgresql:// URL of a real Postgres instead of the embedded one."),
  DATABASE_CONNECTIONS: z.coerce
    .number({ error: "must be a whole number" })
    .int("must be a whole number")
    .min(1, "must be at least 1")
    .max(1_000, "must be at most 1000")
    .default(8)
    .describe("The most sessions at the database of DATABASE_URL."),
};

const shape = z.object(postgresVariables);

/** The external Postgres that the variables name; undefined when they name none. */
export function postgresStore(variables: z.output<typeof shape>): PostgresStore | undefined {
  const { DATABASE_URL: url, DATABASE_CONNECTIONS: connections } = variables;
  return url === undefined ? undefined : { url, connections };
}
