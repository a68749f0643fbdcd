import { PROBLEMS, type ProblemCode, type ProblemDocument } from "../schema/wire/problem.ts";
import type { Refusal } from "./rpc/outcome.ts";

/** One field of the input that is wrong, by its path (`content.text`). */
export type FieldError = { path: string; message: string };

/** An error of the caller. Thrown anywhere, turned into `problem+json` in one place. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly errors: FieldError[] | undefined;
  /** For 429 and 503: when to retry, in seconds. */
  readonly retryAfter: number | undefined;

  constructor(
    code: ProblemCode,
    options: { detail?: string; errors?: FieldError[]; retryAfter?: number } = {},
  ) {
    super(options.detail ?? PROBLEMS[code].title);
    this.name = "Problem";
    this.code = code;
    this.errors = options.errors;
    this.retryAfter = options.retryAfter;
  }

  get status(): number {
    return PROBLEMS[this.code].status;
  }

  /** The RFC 9457 document a client gets. */
  document(): ProblemDocument {
    return problemDocument(this.code, this.message, this.errors);
  }

  /** Makes the problem of a refusal that another layer returned. */
  static of(refusal: Refusal): Problem {
    return new Problem(refusal.code, refusal.detail === undefined ? {} : { detail: refusal.detail });
  }
}

/** The RFC 9457 document of a code. Without a `detail`, the code's title is the detail. */
export function problemDocument(code: ProblemCode, detail?: string, errors?: FieldError[]): ProblemDocument {
  const { status, title } = PROBLEMS[code];
  const document = { type: `urn:problem:${code}`, title, status, detail: detail ?? title, code };
  return errors === undefined ? document : { ...document, errors };
}

/** The field errors of a failed Zod parse. */
export function fieldErrors(issues: readonly { path: PropertyKey[]; message: string }[]): FieldError[] {
  return issues.map(({ path, message }) => ({ path: path.map(String).join("."), message }));
}
