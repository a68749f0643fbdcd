import { describe, expect, it } from "vitest";
import { hashPassword, PasswordCost, verifyNothing, verifyPassword } from "./password.ts";

describe("a password", () => {
  it("is verified by its own hash only", async () => {
    const stored = await hashPassword("correct horse", 1024);
    expect(await verifyPassword("correct horse", stored)).toBe(true);
    expect(await verifyPassword("correct horsf", stored)).toBe(false);
    expect(await verifyPassword("", stored)).toBe(false);
  });

  it("is hashed with its cost in the hash, and with a new salt each time", async () => {
    const [one, two] = await Promise.all([hashPassword("secret12", 1024), hashPassword("secret12", 1024)]);
    expect(one).toMatch(/^scrypt\$1024\$8\$5\$[\w-]{22}\$[\w-]{43}$/);
    expect(one).not.toBe(two);
  });

  it("is verified with the cost in its hash, not with the current setting", async () => {
    expect(await verifyPassword("secret12", await hashPassword("secret12", 2048))).toBe(true);
  });

  it("is hashed and verified at the default cost", async () => {
    const cost = PasswordCost.parse(undefined);
    expect(await verifyPassword("secret12", await hashPassword("secret12", cost))).toBe(true);
  });

  it("is the same in every Unicode composition", async () => {
    expect(await verifyPassword("cafe\u0301-noir", await hashPassword("caf\u00e9-noir", 1024))).toBe(true);
  });

  it("takes as long to refuse for an unknown user as for one with another password", async () => {
    const cost = PasswordCost.parse(undefined);
    const stored = await hashPassword("correct horse", cost);
    const timed = async (verify: () => Promise<boolean>) => {
      const begun = performance.now();
      expect(await verify()).toBe(false);
      return performance.now() - begun;
    };
    const times: { wrong: number; unknown: number }[] = [];
    // In turns, so that whatever else the machine does slows both.
    for (let turn = 0; turn < 7; turn += 1) {
      const wrong = await timed(() => verifyPassword("a wrong guess", stored));
      times.push({ wrong, unknown: await timed(() => verifyNothing("a wrong guess", cost)) });
    }
    const median = (values: number[]) => values.toSorted((a, b) => a - b)[3] ?? 0;
    const ratio = median(times.map(({ unknown }) => unknown)) / median(times.map(({ wrong }) => wrong));
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(2);
  });

  it("is never valid for an unknown user", async () => {
    expect(await verifyNothing("secret12", 1024)).toBe(false);
  });
});

describe("PASSWORD_COST", () => {
  it("must be a power of two", () => {
    expect(PasswordCost.safeParse("1000").success).toBe(false);
    expect(PasswordCost.parse("4096")).toBe(4096);
  });
});
