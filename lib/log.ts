/** What a log line may carry: never a secret, a token or the text of a message. */
export type LogFields = Record<string, string | number | boolean | null | undefined | readonly string[]>;

type Level = "info" | "warn" | "error";

/** Structured logs: one JSON line an event. */
export class Log {
  readonly #layer: string;

  constructor(layer: string) {
    this.#layer = layer;
  }

  info(event: string, fields: LogFields = {}): void {
    this.#write("info", event, fields);
  }

  warn(event: string, fields: LogFields = {}): void {
    this.#write("warn", event, fields);
  }

  /** A fault: the error's name, message and stack go to the log, and nowhere else. */
  error(event: string, fault: unknown, fields: LogFields = {}): void {
    const error =
      fault instanceof Error ? { error: fault.message, stack: fault.stack } : { error: String(fault) };
    this.#write("error", event, { ...fields, ...error });
  }

  #write(level: Level, event: string, fields: LogFields): void {
    console[level](
      JSON.stringify({ at: new Date().toISOString(), level, layer: this.#layer, event, ...fields }),
    );
  }
}
