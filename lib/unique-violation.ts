/** Postgres: a row would have had the same as another where a constraint wants it to be unique. */
const UNIQUE_VIOLATION = "23505";

/** Whether a statement failed because of a unique constraint; the client's error may be wrapped in others. */
export function isUniqueViolation(fault: unknown): boolean {
  if (!(fault instanceof Error)) return false;
  if ("code" in fault && fault.code === UNIQUE_VIOLATION) return true;
  return isUniqueViolation(fault.cause);
}
