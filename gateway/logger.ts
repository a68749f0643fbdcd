/** The fields of a log line: plain values, never secrets or contents of requests. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Writes one event as one JSON line to standard output. */
export function log(level: "info" | "error", event: string, fields: LogFields = {}): void {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), level, event, ...fields })}\n`);
}

/** The log fields of a fault: its message and stack. */
export function faultFields(error: unknown): LogFields {
  return error instanceof Error ? { error: error.message, stack: error.stack } : { error: String(error) };
}
