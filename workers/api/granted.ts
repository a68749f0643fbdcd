import { Problem } from "../../lib/problem.ts";
import type { Outcome } from "../../lib/rpc/outcome.ts";

/** The value of another layer's answer; its refusal becomes the problem that the client gets. */
export function granted<Value>(outcome: Outcome<Value>): Value {
  if (!outcome.ok) throw Problem.of(outcome);
  return outcome.value;
}
