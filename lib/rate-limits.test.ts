import { readFile } from "node:fs/promises";
import { parse } from "smol-toml";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { RATE_LIMITS, RateLimit } from "./rate-limits.ts";

describe("a limit", () => {
  it("is a count with a number of seconds, or a count in a minute", () => {
    expect(RateLimit.parse("10/900")).toEqual({ count: 10, seconds: 900 });
    expect(RateLimit.parse("600")).toEqual({ count: 600, seconds: 60 });
  });

  it.each(["", "0", "10/0", "ten", "10/", "1/2/3", "-1", "1.5"])("cannot be %j", (text) => {
    expect(RateLimit.safeParse(text).success).toBe(false);
  });
});

it("the API's configuration sets exactly the limits of the table", async () => {
  const { vars } = z
    .object({ vars: z.record(z.string(), z.string()) })
    .parse(parse(await readFile("wrangler.toml", "utf8")));
  const configured = Object.entries(vars).filter(([name]) => name.startsWith("RATE_LIMIT_"));
  const production = Object.entries(RATE_LIMITS).map(([name, limit]) => [name, limit.production]);
  expect(configured).toEqual(production);
});
