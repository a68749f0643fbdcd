import { describe, expect, it } from "vitest";
import { fold, isStorable } from "./text.ts";

describe("fold", () => {
  it("makes names equal that differ only in case or in compatible characters", () => {
    for (const name of ["Straße", "STRASSE", "STRAẞE"]) expect(fold(name)).toBe("strasse");
    expect(fold("ﬁn")).toBe(fold("FIN"));
    expect(fold("Ｗｉｄｅ")).toBe("wide");
    expect(fold("ΣΊΣΥΦΟΣ")).toBe(fold("σίσυφος"));
  });

  it("folds a part like the whole, so that a search finds it", () => {
    expect(fold("Σίσυφοσα")).toContain(fold("ΣΊΣΥΦΟΣ"));
  });

  it("keeps different names apart", () => {
    expect(fold("anna")).not.toBe(fold("ana"));
  });

  it("is stable when folded again", () => {
    for (const name of ["İstanbul", "ΐ", "ŉ", "ﬀ", "ᾳ", "ẞς"]) expect(fold(fold(name))).toBe(fold(name));
  });
});

describe("isStorable", () => {
  it("refuses what Postgres cannot hold", () => {
    expect(isStorable("a\u0000b")).toBe(false);
    expect(isStorable("\ud83d")).toBe(false);
    expect(isStorable("😀")).toBe(true);
  });
});
