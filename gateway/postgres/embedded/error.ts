/** The embedded Postgres cannot run. The message is a sentence that says what to do about it. */
export class EmbeddedPostgresError extends Error {
  override readonly name = "EmbeddedPostgresError";
}
