import { createMiddleware } from "hono/factory";
import { z } from "zod";
import { environment } from "../../../lib/environment.ts";
import { OperatorTokens, operatorOf } from "../../../lib/operator-tokens.ts";
import { Problem } from "../../../lib/problem.ts";
import { bearerToken } from "../authenticate.ts";
import type { ApiHono } from "../context.ts";

/** Behind `operatorsOnly`, a route also has the operator's name. */
export type OperatorHono = ApiHono & { Variables: { operator: string } };

/**
 * Apart from the API's other settings: a mistake in this one must not end the service for everybody. An empty value
 * counts as none.
 */
const settingsOf = environment(
  z.object({ OPS_TOKENS: z.union([z.literal("").transform(() => undefined), OperatorTokens]).optional() }),
);

/** Lets operators through, by their tokens. Without any operator nothing is here, which is what everybody gets. */
export const operatorsOnly = createMiddleware<OperatorHono>(async (context, next) => {
  const { OPS_TOKENS: operators } = settingsOf(context.env);
  if (operators === undefined) throw new Problem("not_found");
  const operator = operatorOf(operators, bearerToken(context.req.header("Authorization")) ?? "");
  if (operator === null) throw new Problem("unauthenticated", { detail: "No valid operator's token" });
  context.set("operator", operator);
  await next();
});
