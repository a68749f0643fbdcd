import { z } from "zod";

/** The protocols that the gateway serves. */
export const PROTOCOLS = ["kafka", "redis", "sql"] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** What somebody may do with a protocol; who may write may read. */
export type Right = "read" | "write";

/** Requests a second, and how many may come at once. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** Somebody who may use the gateway, known by a token. */
export interface Client {
  readonly name: string;
  readonly token: string;
  /** The protocols that the client may use. */
  readonly rights: Readonly<Partial<Record<Protocol, Right>>>;
  /** Unlimited when undefined. */
  readonly rate: Rate | undefined;
}

// Credentials go into HTTP headers and URLs, and @upstash/kafka's base64 corrupts characters outside of Latin-1.
const credential = z
  .string()
  .regex(/^[\x21-\x7e]+$/, "must be printable ASCII without spaces")
  .max(256, "must have at most 256 characters");

/** A token or password. */
export const Secret = credential.min(16, "must have at least 16 characters");
/** The name that goes with a secret in HTTP's Basic scheme, which separates them by a colon. */
export const ClientName = credential.regex(/^[^:]*$/, "must not contain a colon");
/** A number of requests a second. */
export const PerSecond = z
  .number("must be a number")
  .positive("must be above 0")
  .max(1_000_000, "must be at most 1000000");

const right = z.enum(["read", "write"], { error: "must be read or write" });

const entry = z
  .strictObject({
    name: ClientName,
    token: Secret,
    kafka: right.optional(),
    redis: right.optional(),
    sql: right.optional(),
    rate: PerSecond.optional(),
    burst: z.int().min(1).optional(),
  })
  .refine(({ kafka, redis, sql }) => (kafka ?? redis ?? sql) !== undefined, {
    error: "must have a right to kafka, redis or sql",
  })
  .refine(({ rate, burst }) => rate !== undefined || burst === undefined, {
    error: "has a meaning only with rate",
    path: ["burst"],
  });

/** The contents of the file of clients, as JSON. */
export const ClientList = z.array(entry).superRefine((clients, context) => {
  for (const field of ["name", "token"] as const) {
    clients.forEach((client, index) => {
      if (clients.findIndex((other) => other[field] === client[field]) < index)
        context.addIssue({
          code: "custom",
          path: [index, field],
          message: `is the ${field} of another client`,
        });
    });
  }
});

/** The clients of a list; `rate` is for those that have none of their own. */
export function clientsOf(list: z.output<typeof ClientList>, rate: Rate | undefined): readonly Client[] {
  return list.map(({ name, token, kafka, redis, sql, rate: perSecond, burst }) => ({
    ...{ name, token },
    rights: Object.fromEntries(
      Object.entries({ kafka, redis, sql }).filter(([, right]) => right !== undefined),
    ),
    rate: perSecond === undefined ? rate : rateOf(perSecond, burst),
  }));
}

/** A rate whose burst is what a second brings, unless it is given. */
export function rateOf(perSecond: number, burst?: number): Rate {
  return { perSecond, burst: burst ?? Math.max(1, Math.ceil(perSecond)) };
}
