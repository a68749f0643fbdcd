/** Postgres' error code for a violated unique constraint. */
const UNIQUE_VIOLATION = "23505";

/** Whether a statement violated a unique constraint; also when the client's error is the cause of another error. */
export function isUniqueViolation(fault: unknown): boolean {
  if (!(fault instanceof Error)) return false;
  if ("code" in fault && fault.code === UNIQUE_VIOLATION) return true;
  return isUniqueViolation(fault.cause);
}
