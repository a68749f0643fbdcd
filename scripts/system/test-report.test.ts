import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { countTests, readTally } from "./test-report.ts";

const report = (passed: number, failed: number, ...files: [status: string, assertions: string[]][]) =>
  JSON.stringify({
    numPassedTests: passed,
    numFailedTests: failed,
    testResults: files.map(([status, assertions]) => ({
      status,
      assertionResults: assertions.map((assertion) => ({ status: assertion })),
    })),
  });

describe("a test report", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "edge-im-report-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("counts the passed and the failed tests", () => {
    const text = report(2, 1, ["passed", ["passed"]], ["failed", ["passed", "failed"]]);
    expect(countTests(text)).toEqual({ passed: 2, failed: 1 });
  });

  it("counts a file that did not load as a failure", () => {
    expect(countTests(report(1, 0, ["passed", ["passed"]], ["failed", []]))).toEqual({
      passed: 1,
      failed: 1,
    });
  });

  it("has at least one failure when the run did not succeed, even if it lists none", async () => {
    const file = join(folder, "all-passed.json");
    await writeFile(file, report(3, 0, ["passed", ["passed", "passed", "passed"]]));
    expect(await readTally(file, true)).toEqual({ passed: 3, failed: 0 });
    expect(await readTally(file, false)).toEqual({ passed: 3, failed: 1 });
    expect(await readTally(join(folder, "absent.json"), false)).toEqual({ passed: 0, failed: 1 });
  });
});
