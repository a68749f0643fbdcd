import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../system/project.ts";
import { costTable } from "./cost-table.ts";
import { COUNTED } from "./counted.ts";
import { MIXES } from "./mixes.ts";
import { describeMix, tablesOf } from "./simulation-tables.ts";

describe("docs/deployment.md", async () => {
  const text = await readFile(join(ROOT, "docs/deployment.md"), "utf8");

  it("has what npm run cost prints", () => {
    expect(text).toContain(costTable(COUNTED.loads));
  });

  // More people than these take seconds.
  it.each(MIXES)("has what npm run simulate prints of $name", (mix) => {
    expect(text).toContain(`${describeMix(mix)}\n\n`);
    for (const table of tablesOf(mix, [1_000, 10_000, 100_000])) expect(text).toContain(table);
  });
});
