import { describe, expect, test } from "vitest";
import { standingText, verdictOf } from "./standing.ts";

const NOW = Date.parse("2026-01-01T00:00:00.000Z");
const inSeconds = (seconds: number) => new Date(NOW + seconds * 1_000);

describe("a member may write", () => {
  test("while everybody may, and where only admins may if they are one", () => {
    for (const [role, posting, verdict] of [
      ["member", "all", "ok"],
      ["member", "admins", "not_allowed"],
      ["admin", "admins", "ok"],
      ["owner", "admins", "ok"],
    ] as const) {
      expect(verdictOf(standingText({ role, mutedUntil: null }), posting, NOW)).toBe(verdict);
    }
  });

  test("not while muted, and again from the end of the mute", () => {
    const muted = standingText({ role: "member", mutedUntil: inSeconds(60) });
    expect(verdictOf(muted, "all", NOW)).toBe("muted");
    expect(verdictOf(muted, "all", inSeconds(60).getTime())).toBe("ok");
    expect(verdictOf(muted, "admins", inSeconds(60).getTime())).toBe("not_allowed");
    const mutedAdmin = standingText({ role: "admin", mutedUntil: inSeconds(60) });
    expect(verdictOf(mutedAdmin, "all", NOW)).toBe("muted");
  });
});

test("other texts are no standing", () => {
  for (const text of ["", "not_friends", "conversation_not_found", "muted:ok", "muted:1:maybe"]) {
    expect(verdictOf(text, "all", NOW)).toBeUndefined();
  }
});
