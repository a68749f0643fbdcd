import { describe, expect, it } from "vitest";
import { secretMatcher } from "./credentials.ts";

describe("a secret matcher", () => {
  const matches = secretMatcher("Bearer s3cret");

  it("accepts the secret each time", () => {
    expect([matches("Bearer s3cret"), matches("Bearer wrong!"), matches("Bearer s3cret")]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it.each([
    undefined,
    "",
    "Bearer s3cre",
    "Bearer s3cret ",
    "Bearer s3cret\0",
    `Bearer s3cret${"\0".repeat(2_000)}`,
    "x".repeat(5_000),
  ])("refuses any other input: %j", (given) => {
    expect(matches(given)).toBe(false);
  });
});
