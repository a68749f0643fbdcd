import { z } from "zod";

/** How much of a server's certificate is verified; undefined for no TLS. */
export type Verification = "nothing" | "authority" | "authority and name" | undefined;

/** An external Postgres. */
export interface PostgresStore {
  /** Its connection string, which contains a password, without the parameters of TLS. */
  readonly url: string;
  readonly verification: Verification;
  /** A file with the certificates of further authorities. */
  readonly caFile: string | undefined;
  /** The most sessions that the gateway opens. */
  readonly connections: number;
}

/** The modes of `sslmode`, as in Postgres' own clients. Its other modes use TLS only when the server offers it. */
const MODES: Readonly<Record<string, Verification>> = {
  disable: undefined,
  require: "nothing",
  "verify-ca": "authority",
  "verify-full": "authority and name",
};

/** The settings of an external Postgres, by the names of their environment variables. */
export const postgresVariables = {
  DATABASE_URL: z
    .string()
    .refine((text) => parseUrl(text) !== null, { error: "must be a postgresql:// URL", abort: true })
    .refine((text) => modeOf(parseUrl(text)) in MODES, {
      error: "must have an sslmode of disable, require, verify-ca or verify-full, or none",
    })
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
  const url = parseUrl(variables.DATABASE_URL ?? "");
  if (url === null) return undefined;
  const verification = MODES[modeOf(url)];
  const caFile = url.searchParams.get("sslrootcert") ?? undefined;
  url.searchParams.delete("sslmode");
  url.searchParams.delete("sslrootcert");
  return {
    url: url.href,
    // As in Postgres' own clients: who names an authority wants it verified.
    verification: verification === "nothing" && caFile !== undefined ? "authority" : verification,
    caFile,
    connections: variables.DATABASE_CONNECTIONS,
  };
}

function parseUrl(text: string): URL | null {
  const url = /^postgres(ql)?:\/\//.test(text) ? URL.parse(text) : null;
  try {
    // A percent sign that does not begin an encoded byte.
    if (url !== null) decodeURIComponent(`${url.username}${url.password}${url.pathname}`);
    return url;
  } catch {
    return null;
  }
}

function modeOf(url: URL | null): string {
  return url?.searchParams.get("sslmode") ?? "disable";
}
