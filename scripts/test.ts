/**
 * `npm test`: runs every test project, the quick ones first, one at a time. `npm test -- unit gateway` runs some of
 * them; arguments that are not projects (a file, `-t name`) go to vitest.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { programs, ROOT } from "./system/project.ts";
import { addTallies, readTally, type Tally } from "./system/test-report.ts";

const PROJECTS = ["unit", "gateway", "real", "web", "buckets", "shared", "system"];

const given = process.argv.slice(2);
const chosen = PROJECTS.filter((project) => given.includes(project));
const rest = given.filter((argument) => !PROJECTS.includes(argument));
const reports = await mkdtemp(join(tmpdir(), "edge-im-tests-"));

let total: Tally = { passed: 0, failed: 0 };
for (const project of chosen.length > 0 ? chosen : PROJECTS) {
  const report = join(reports, `${project}.json`);
  const { exitCode } = await execa(
    process.execPath,
    [
      ...[programs.vitest, "run", "--project", project, "--passWithNoTests"],
      ...["--reporter", "default", "--reporter", "json", "--outputFile.json", report],
      ...rest,
    ],
    { cwd: ROOT, stdin: "ignore", stdout: "inherit", stderr: "inherit", reject: false },
  );
  const tally = await readTally(report, exitCode === 0);
  console.log(`${project}: ${tally.passed} passed, ${tally.failed} failed\n`);
  total = addTallies(total, tally);
}
await rm(reports, { recursive: true, force: true });

console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
