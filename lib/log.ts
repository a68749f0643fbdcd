import { DrizzleQueryError } from "drizzle-orm/errors";
import { z } from "zod";

/** What a log line may carry: never a secret, a token or the text of a message. */
export type LogFields = Record<string, string | number | boolean | null | undefined | readonly string[]>;

const LEVELS = ["debug", "info", "warn", "error"] as const;
type Level = (typeof LEVELS)[number];

/** The least level that is logged: `debug` includes a line for every drain, `info` only rare events. */
export const LogSettings = z.object({ LOG_LEVEL: z.enum(LEVELS).default("info") });

/** Structured logs: one JSON line for each event. */
export class Log {
  readonly #layer: string;
  readonly #threshold: number;

  constructor(layer: string, { LOG_LEVEL }: z.infer<typeof LogSettings>) {
    this.#layer = layer;
    this.#threshold = LEVELS.indexOf(LOG_LEVEL);
  }

  debug(event: string, fields: LogFields = {}): void {
    this.#write("debug", event, fields);
  }

  info(event: string, fields: LogFields = {}): void {
    this.#write("info", event, fields);
  }

  warn(event: string, fields: LogFields = {}): void {
    this.#write("warn", event, fields);
  }

  /** Logs a fault with its message and stack, which must never reach a client. */
  error(event: string, fault: unknown, fields: LogFields = {}): void {
    this.#write("error", event, { ...fields, ...describe(fault) });
  }

  #write(level: Level, event: string, fields: LogFields): void {
    if (LEVELS.indexOf(level) < this.#threshold) return;
    console[level](
      JSON.stringify({ at: new Date().toISOString(), level, layer: this.#layer, event, ...fields }),
    );
  }
}

/**
 * The log fields of a fault. Of a failed query they describe its cause: the message of `DrizzleQueryError` contains the
 * query's parameters, such as the text of a message.
 */
function describe(fault: unknown): LogFields {
  if (fault instanceof DrizzleQueryError) return { query: fault.query, ...describe(fault.cause) };
  return fault instanceof Error ? { error: fault.message, stack: fault.stack } : { error: String(fault) };
}
