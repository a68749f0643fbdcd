import { readFile } from "node:fs/promises";
import { z } from "zod";

export type Tally = { passed: number; failed: number };

const Report = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  testResults: z.array(
    z.object({ status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) }),
  ),
});

export function addTallies(a: Tally, b: Tally): Tally {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed };
}

/**
 * Counts the tests of a vitest report. A failure outside of a test (a file that does not load, a hook, an unhandled
 * rejection, vitest itself) counts as a failure too: a run that did not succeed always has at least one.
 */
export async function readTally(file: string, succeeded: boolean): Promise<Tally> {
  const tally = countTests(await readFile(file, "utf8").catch(() => ""));
  return { ...tally, failed: succeeded ? tally.failed : Math.max(1, tally.failed) };
}

/** Counts the tests in the JSON text of a report. */
export function countTests(text: string): Tally {
  if (text === "") return { passed: 0, failed: 0 };
  const report = Report.parse(JSON.parse(text));
  const broken = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === "failed" && !assertionResults.some((assertion) => assertion.status === "failed"),
  );
  return { passed: report.numPassedTests, failed: report.numFailedTests + broken.length };
}
