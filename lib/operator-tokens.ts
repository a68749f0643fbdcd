import { createHash, timingSafeEqual } from "node:crypto";
import { z } from "zod";

/** An operator by name, with the hash of the token that they show. */
export type Operator = { name: string; hash: Buffer };

const FORM = /^([A-Za-z0-9][A-Za-z0-9._-]{0,31})=([\w.~+/=-]{32,256})$/;

/**
 * `OPS_TOKENS`: the operators, like `ada=<token>,ben=<token>`. A token has at least 32 characters; two of one name are
 * both valid, so that a token can be replaced without a gap.
 */
export const OperatorTokens = z
  .string()
  .transform((list) => list.split(",").map((entry) => entry.trim()))
  .refine((entries) => entries.every((entry) => FORM.test(entry)), {
    error: "must be names with tokens of at least 32 characters, like ada=<token>,ben=<token>",
  })
  .transform((entries) =>
    entries.map((entry): Operator => {
      const [, name = "", token = ""] = FORM.exec(entry) ?? [];
      return { name, hash: hashOf(token) };
    }),
  );

/**
 * The name of the operator with this token, or null. Hashes are compared, in constant time, and all of them: how long it
 * takes says nothing about a token or about who there is.
 */
export function operatorOf(operators: readonly Operator[], token: string): string | null {
  const hash = hashOf(token);
  let found: string | null = null;
  for (const operator of operators) if (timingSafeEqual(operator.hash, hash)) found = operator.name;
  return found;
}

function hashOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
