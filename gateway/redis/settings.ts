import { z } from "zod";

/** An external Redis. */
export interface RedisStore {
  readonly host: string;
  readonly port: number;
  /** The number of the database in Redis. */
  readonly database: number;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** Present for TLS; `caFile` is a file with the certificates of further authorities. */
  readonly tls: { readonly caFile: string | undefined } | undefined;
}

const DEFAULT_PORT = 6379;

/** The settings of an external Redis, by the names of their environment variables. */
export const redisVariables = {
  REDIS_URL: z
    .string()
    .refine((url) => parseUrl(url) !== null, {
      error: "must be a redis:// or rediss:// URL, like rediss://user:password@host:6379/0",
    })
    .optional()
    .describe("The redis:// URL (rediss:// for TLS) of a real Redis instead of the embedded one."),
  REDIS_CA_FILE: z
    .string()
    .optional()
    .describe("A file with the certificate (PEM) of the authority that has signed that of Redis."),
};

const shape = z.object(redisVariables);

/** The external Redis that the variables name; undefined when they name none. */
export function redisStore(variables: z.output<typeof shape>): RedisStore | undefined {
  const { REDIS_URL, REDIS_CA_FILE: caFile } = variables;
  const parsed = REDIS_URL === undefined ? null : parseUrl(REDIS_URL);
  if (parsed === null) return undefined;
  const { secure, ...store } = parsed;
  return { ...store, tls: secure ? { caFile } : undefined };
}

function parseUrl(text: string): (Omit<RedisStore, "tls"> & { secure: boolean }) | null {
  const url = URL.parse(text);
  const database = /^\/?(\d{0,9})$/.exec(url?.pathname ?? "-")?.[1];
  if (url === null || !/^rediss?:$/.test(url.protocol) || url.hostname === "" || database === undefined)
    return null;
  if (url.search !== "" || url.hash !== "") return null;
  try {
    return {
      // An IPv6 address without its brackets.
      host: url.hostname.replace(/^\[|\]$/g, ""),
      port: url.port === "" ? DEFAULT_PORT : Number(url.port),
      database: Number(database),
      user: url.username === "" ? undefined : decodeURIComponent(url.username),
      password: url.password === "" ? undefined : decodeURIComponent(url.password),
      secure: url.protocol === "rediss:",
    };
  } catch {
    // A percent sign that does not begin an encoded byte.
    return null;
  }
}
