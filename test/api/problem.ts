import { expect } from "vitest";
import { PROBLEMS, type ProblemCode } from "../../schema/wire/problem.ts";
import type { Answer } from "../harness/client.ts";

/** Expects an answer to be this problem, in the shape that every problem has. */
export function expectProblem(answer: Answer<unknown>, code: ProblemCode): void {
  const { status, title } = PROBLEMS[code];
  expect(answer.body).toMatchObject({
    type: expect.any(String),
    title,
    status,
    detail: expect.any(String),
    code,
  });
  expect(answer.status).toBe(status);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
}
