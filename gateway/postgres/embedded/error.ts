import { StartError } from "../../start-error.ts";

/** The embedded Postgres cannot run. The message is a sentence that tells the user the cause and the remedy. */
export class EmbeddedPostgresError extends StartError {
  override readonly name = "EmbeddedPostgresError";
}
