import { describe, expect, it } from "vitest";
import { OperatorTokens, operatorOf } from "./operator-tokens.ts";

const ADA = "a".repeat(32);
const BEN = `${"b".repeat(42)}==`;

describe("operators' tokens", () => {
  const operators = OperatorTokens.parse(`ada=${ADA}, ben=${BEN}`);

  it("name the operator who shows one", () => {
    expect(operatorOf(operators, ADA)).toBe("ada");
    expect(operatorOf(operators, BEN)).toBe("ben");
  });

  it.each(["", "a", `${ADA}a`, "ada", `ada=${ADA}`, BEN.slice(0, -1)])("do not know %j", (token) => {
    expect(operatorOf(operators, token)).toBeNull();
  });

  it("may be two of one name, while one replaces the other", () => {
    const rotated = OperatorTokens.parse(`ada=${ADA},ada=${BEN}`);
    expect(operatorOf(rotated, ADA)).toBe("ada");
    expect(operatorOf(rotated, BEN)).toBe("ada");
  });

  it.each(["", "ada", "ada=short", `=${ADA}`, `ada=${ADA},`, `a b=${ADA}`])("refuse %j", (list) => {
    expect(OperatorTokens.safeParse(list).success).toBe(false);
  });
});
