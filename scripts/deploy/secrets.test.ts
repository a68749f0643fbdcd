import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readPlan } from "./plan.ts";
import { describeMissing, describeSecrets } from "./report.ts";
import { givenTo, readSecretsFile, secretNeeds } from "./secrets.ts";

describe("secrets", async () => {
  const plan = await readPlan();
  const none = { connect: [], task: [], logic: [], api: [] };

  it("are missing where a Worker neither has nor gets them", () => {
    const known = { ...none, api: ["JWT_SECRET"], task: ["DATABASE_URL"] };
    const needs = secretNeeds(plan, known, { UPSTASH_REDIS_REST_URL: "https://redis.example.com" });
    const missing = (name: string) => needs.find((need) => need.name === name)?.missing;
    expect(missing("JWT_SECRET")).toEqual(["connect"]);
    expect(missing("DATABASE_URL")).toEqual(["logic", "api"]);
    expect(missing("UPSTASH_REDIS_REST_URL")).toEqual([]);
    expect(describeSecrets(needs)).toMatch(/^JWT_SECRET +connect, api$/m);
    expect(describeMissing(needs)).toContain("JWT_SECRET is missing: connect needs it.");
    expect(describeMissing(needs)).toContain("DATABASE_URL is missing: logic and api need it.");
    expect(describeMissing(needs).join()).not.toContain("UPSTASH_REDIS_REST_URL");
  });

  it("go to the Workers that name them, and optional ones with what they belong to", () => {
    const given = {
      JWT_SECRET: "new",
      JWT_SECRET_PREVIOUS: "old",
      DATABASE_URL: "postgresql://x",
      OPS_TOKENS: "ada=token",
      OTHER: "x",
    };
    expect(givenTo(plan, "connect", given)).toEqual({ JWT_SECRET: "new", JWT_SECRET_PREVIOUS: "old" });
    expect(givenTo(plan, "task", given)).toEqual({ DATABASE_URL: "postgresql://x" });
    expect(givenTo(plan, "api", given)).toMatchObject({ OPS_TOKENS: "ada=token" });
  });

  describe("in a file", () => {
    let folder = "";
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "secrets-"));
    });
    afterAll(() => rm(folder, { recursive: true }));

    it.each([
      ["lines", "# the stores\nA=x$y\nB='with = and spaces'\n"],
      ["JSON", '{"A": "x$y", "B": "with = and spaces"}'],
    ])("may be %s", async (_, text) => {
      const file = join(folder, "secrets");
      await writeFile(file, text);
      expect(await readSecretsFile(file)).toEqual({ A: "x$y", B: "with = and spaces" });
    });

    it.each([
      ["not be empty", "A=\n", /^A is empty\.$/m],
      ["not be what the documentation leaves open", "A=…the password\n", /^A is not filled in\.$/m],
    ])("must %s", async (_, text, complaint) => {
      const file = join(folder, "faulty");
      await writeFile(file, text);
      await expect(readSecretsFile(file)).rejects.toThrow(complaint);
    });

    it("must be readable", async () => {
      await expect(readSecretsFile(join(folder, "none"))).rejects.toThrow(/cannot be read/);
    });
  });
});
