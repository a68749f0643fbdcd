import { z } from "zod";
import { type ProblemCode, ProblemDocument } from "../../../schema/wire/problem.ts";

/** A server newer than this client may send codes that it does not know. */
const AnyProblem = ProblemDocument.extend({ code: z.string() });

/** What went wrong with a call: the server's own code, or `network` when no answer of its kind came. */
export type ApiProblemCode = ProblemCode | "network" | (string & {});

/** A call that failed, in words fit for a person. */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";
  readonly status: number;
  readonly code: ApiProblemCode;
  readonly errors: readonly { path: string; message: string }[];
  /** How long the server wants to be left alone, in milliseconds. */
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

  /** No answer came: the device is offline, or the server is. */
  static network(): ApiProblem {
    return new ApiProblem({ status: 0, code: "network", message: "The server cannot be reached" });
  }

  /** Reads an answer that is not a success; one that is no problem document becomes a `network` problem. */
  static async from(response: Response): Promise<ApiProblem> {
    const document = AnyProblem.safeParse(await response.json().catch(() => null));
    const retryAfter = Number(response.headers.get("Retry-After") ?? 0) * 1_000 || 0;
    if (!document.success) {
      const message = `The server answered ${response.status}`;
      return new ApiProblem({ status: response.status, code: "network", message, retryAfter });
    }
    const { status, code, errors } = document.data;
    return new ApiProblem({ status, code, message: problemText(document.data), errors, retryAfter });
  }
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
