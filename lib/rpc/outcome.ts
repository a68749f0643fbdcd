import type { ProblemCode } from "../../schema/wire/problem.ts";

/** A refusal as a return value of an RPC: thrown errors lose their fields on the way, values do not. */
export type Refusal = { ok: false; code: ProblemCode; detail?: string };

/** What an RPC that may refuse returns. Faults are thrown. */
export type Outcome<Value> = { ok: true; value: Value } | Refusal;

/** Wraps a value as the success of an outcome. */
export function accept<Value>(value: Value): Outcome<Value> {
  return { ok: true, value };
}

/** A refusal with a code of the problem table. */
export function refuse(code: ProblemCode, detail?: string): Refusal {
  return detail === undefined ? { ok: false, code } : { ok: false, code, detail };
}
