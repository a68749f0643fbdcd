import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { ROOT } from "../../scripts/system/project.ts";

const FOLDER = join(ROOT, "node_modules/.cache/schemathesis");
const REQUIREMENTS = join(import.meta.dirname, "requirements.txt");
const PROGRAM = join(FOLDER, "bin/schemathesis");

/** The path of schemathesis, which is installed into an environment of its own first; null without Python. */
export async function installSchemathesis(): Promise<string | null> {
  const known = await execa(PROGRAM, ["--version"], { reject: false });
  const wanted = /schemathesis==(\S+)/.exec(await readFile(REQUIREMENTS, "utf8"))?.[1] ?? "";
  if (known.stdout?.includes(wanted)) return PROGRAM;
  const python = await execa("python3", ["-c", "import venv, ensurepip"], { reject: false });
  if (python.exitCode !== 0) return null;
  await execa("python3", ["-m", "venv", "--clear", FOLDER]);
  await execa(join(FOLDER, "bin/pip"), ["install", "--quiet", "--requirement", REQUIREMENTS]);
  return PROGRAM;
}
