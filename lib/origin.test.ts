import { describe, expect, it } from "vitest";
import { AllowedOrigins, originAllowed } from "./origin.ts";

describe("an origin", () => {
  const allowed = AllowedOrigins.parse("https://chat.example, https://app.example:8443");

  it.each([
    [null, true],
    ["https://im.example", true],
    ["https://chat.example", true],
    ["https://app.example:8443", true],
    ["https://app.example", false],
    ["https://im.example.evil.example", false],
    ["null", false],
    ["", false],
  ])("%j is allowed: %s", (origin, answer) => {
    expect(originAllowed(origin, "im.example", allowed)).toBe(answer);
  });

  it("is the server's own when none is configured", () => {
    const own = AllowedOrigins.parse("");
    expect(originAllowed("http://localhost:8787", "localhost:8787", own)).toBe(true);
    expect(originAllowed("http://localhost:8788", "localhost:8787", own)).toBe(false);
  });

  it("is refused as a setting when it is a page", () => {
    expect(AllowedOrigins.safeParse("https://chat.example/page").success).toBe(false);
  });
});
