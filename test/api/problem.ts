import { expect } from "vitest";
import { PROBLEMS, type ProblemCode } from "../../schema/wire/problem.ts";
import type { ApiResponse } from "../harness/client.ts";

/** Expects a response to be this problem, with all fields and headers of a problem. */
export function expectProblem(response: ApiResponse<unknown>, code: ProblemCode): void {
  const { status, title } = PROBLEMS[code];
  expect(response.body).toMatchObject({
    type: expect.any(String),
    title,
    status,
    detail: expect.any(String),
    code,
  });
  expect(response.status).toBe(status);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
}
