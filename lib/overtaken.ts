/** Postgres: what a change was decided on has changed since (`lock_group`). */
const OVERTAKEN = "IM002";

/** Whether a transaction was refused because its decision is out of date; also as the cause of another error. */
export function isOvertaken(fault: unknown): boolean {
  if (!(fault instanceof Error)) return false;
  if ("code" in fault && fault.code === OVERTAKEN) return true;
  return isOvertaken(fault.cause);
}
