import { type ApiResponse, type Method, request } from "../harness/client.ts";

/** A token that is long enough, for tests only. */
export const OPERATOR_TOKEN = "a-token-of-ada-for-tests-only-0123456789";

/** The setting of a system with one operator, ada. */
export const OPERATORS = { OPS_TOKENS: `ada=${OPERATOR_TOKEN}` };

/** Asks the operators' API as ada; returns the response with any status. */
export function asOperator<Body>(
  url: string,
  method: Method,
  path: string,
  body?: unknown,
): Promise<ApiResponse<Body>> {
  return request(url, method, `/ops${path}`, { token: OPERATOR_TOKEN, body });
}
