/** The embedded Postgres cannot run. The message is a sentence for the user: the cause and, where there is one, the remedy. */
export class EmbeddedPostgresError extends Error {
  override readonly name = "EmbeddedPostgresError";
}
