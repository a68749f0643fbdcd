import { describe, expect, it } from "vitest";
import { secretTable } from "./credentials.ts";

describe("a table of secrets", () => {
  const find = secretTable([
    ["Bearer s3cret", "ada"],
    ["Bearer other", "ben"],
    ["Bearer other", "cem"],
  ]);

  it("finds the value of a secret each time, the first of two", () => {
    expect(["Bearer s3cret", "Bearer wrong!", "Bearer other", "Bearer s3cret"].map(find)).toEqual([
      "ada",
      undefined,
      "ben",
      "ada",
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
  ])("finds nothing for any other input: %j", (given) => {
    expect(find(given)).toBeUndefined();
  });
});
