import { z } from "zod";
import { Refusal } from "./refusal.ts";

/** The size limits of one request. */
export interface RequestLimits {
  readonly bodyBytes: number;
  readonly commands: number;
  readonly statements: number;
  readonly records: number;
}

const whole = z.coerce.number({ error: "must be a whole number" }).int("must be a whole number");
const atLeastOne = whole.min(1, "must be at least 1");
const MAX_STRING = 256 * 1024 * 1024;

/** The settings of the limits, by the names of their environment variables. */
export const limitVariables = {
  // A batch of 500 messages of the greatest length is a quarter of it.
  MAX_BODY_BYTES: whole
    .min(1_024, "must be at least 1024")
    .max(MAX_STRING, `must be at most ${MAX_STRING}`)
    .default(16 * 1024 * 1024)
    .describe("The largest body of a request, in bytes."),
  MAX_COMMANDS: atLeastOne.default(200_000).describe("The most Redis commands in a request."),
  MAX_STATEMENTS: atLeastOne.default(1_000).describe("The most SQL statements in a request."),
  MAX_RECORDS: atLeastOne
    .default(100_000)
    .describe("The most records, or offsets of partitions, in a request to Kafka."),
};

/** The limits that the variables name. */
export function requestLimits(variables: z.output<z.ZodObject<typeof limitVariables>>): RequestLimits {
  return {
    bodyBytes: variables.MAX_BODY_BYTES,
    commands: variables.MAX_COMMANDS,
    statements: variables.MAX_STATEMENTS,
    records: variables.MAX_RECORDS,
  };
}

/** Throws a {@link Refusal} when a request has more of something than it may. */
export function requireAtMost(limit: number, count: number, what: string): void {
  if (count > limit) throw new Refusal("too large", `The request has ${count} ${what}: ${limit} are allowed`);
}
