/**
 * The gateway cannot start for a reason that its user can remove. The message is a sentence that says what to do; it
 * contains no password.
 */
export class StartError extends Error {
  override readonly name: string = "StartError";
}
