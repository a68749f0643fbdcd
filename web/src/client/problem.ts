import { z } from "zod";
import { type ProblemCode, ProblemDocument } from "../../../schema/wire/problem.ts";

/** A server newer than this client may send codes that it does not know. */
export const AnyProblem = ProblemDocument.extend({
  code: z.string(),
  retryAfter: z.number().optional(),
});

/** What went wrong with a call: the server's own code, or `network` when no response of its kind came. */
export type ApiProblemCode = ProblemCode | "network" | (string & {});

/** The codes of a server that is busy: the same request can succeed later. */
const BUSY: readonly string[] = ["rate_limited", "unavailable"];

/** A message that was refused on the socket. */
export type Refusal = {
  /** Why, in words fit for a person. */
  problem: string;
  /** Only for now: the same message can be sent again. */
  busy: boolean;
  /** How long to wait before that, in ms; 0 when the server does not say. */
  retryAfter: number;
};

/** A call that failed, in words fit for a person. */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";
  readonly status: number;
  readonly code: ApiProblemCode;
  readonly errors: readonly { path: string; message: string }[];
  /** How long to wait before the next request, in ms; 0 when the server does not say. */
  readonly retryAfter: number;

  constructor(problem: {
    status: number;
    code: ApiProblemCode;
    message: string;
    errors?: readonly { path: string; message: string }[] | undefined;
    retryAfter?: number;
  }) {
    super(problem.message);
    this.status = problem.status;
    this.code = problem.code;
    this.errors = problem.errors ?? [];
    this.retryAfter = problem.retryAfter ?? 0;
  }

  /** No response came: the device is offline, or the server is. */
  static network(): ApiProblem {
    return new ApiProblem({ status: 0, code: "network", message: "The server cannot be reached" });
  }

  /** Reads a response that is not a success; one that is no problem document becomes a `network` problem. */
  static async from(response: Response): Promise<ApiProblem> {
    const document = AnyProblem.safeParse(await response.json().catch(() => null));
    const retryAfter = Number(response.headers.get("Retry-After") ?? 0) * 1_000 || 0;
    if (!document.success) {
      const message = `The server failed with status ${response.status}`;
      return new ApiProblem({ status: response.status, code: "network", message, retryAfter });
    }
    const { status, code, errors } = document.data;
    return new ApiProblem({ status, code, message: problemText(document.data), errors, retryAfter });
  }
}

/** Reads a `rejected` event. */
export function refusalOf(event: {
  problem: z.infer<typeof AnyProblem>;
  retryAfter?: number | undefined;
}): Refusal {
  const seconds = event.retryAfter ?? event.problem.retryAfter ?? 0;
  return {
    problem: problemText(event.problem),
    busy: BUSY.includes(event.problem.code),
    retryAfter: seconds * 1_000,
  };
}

/** The codes that are about one field of a form. */
const FIELD_CODES: Readonly<Record<string, string>> = { username_taken: "username" };

/** A problem as a form shows it: each field's message by the field's name, and what is about no field of the form. */
export type FormProblem = { fields: Readonly<Record<string, string>>; general: string | null };

/** Sorts a problem's errors to the fields of a form; the first error of a field is shown. */
export function formProblem(problem: ApiProblem, shown: readonly string[]): FormProblem {
  const field = FIELD_CODES[problem.code];
  if (field !== undefined && shown.includes(field)) {
    return { fields: { [field]: problem.message }, general: null };
  }
  const own = problem.errors.filter(({ path }) => shown.includes(path));
  const fields = Object.fromEntries(own.toReversed().map(({ path, message }) => [path, sentence(message)]));
  return { fields, general: own.length === 0 ? problem.message : null };
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** One sentence for a person: what is wrong with the input where that is known, else the detail. */
export function problemText(problem: {
  title: string;
  detail: string;
  errors?: readonly { path: string; message: string }[] | undefined;
}): string {
  const [first] = problem.errors ?? [];
  if (first !== undefined) return first.path === "" ? first.message : `${first.path} ${first.message}`;
  return problem.detail || problem.title;
}
