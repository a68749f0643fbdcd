import { Problem } from "../../lib/problem.ts";
import type { Outcome } from "../../lib/rpc/outcome.ts";

/** The value of an outcome of another layer. Throws its refusal as a problem for the client. */
export function granted<Value>(outcome: Outcome<Value>): Value {
  if (!outcome.ok) throw Problem.of(outcome);
  return outcome.value;
}
