import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { ROOT } from "../../scripts/system/project.ts";

/**
 * The path of a program of a Python package, which is installed into an environment of its own first; null without Python.
 * The requirements pin the package.
 */
export async function installPythonProgram(
  name: string,
  program: string,
  requirements: string,
): Promise<string | null> {
  const folder = join(ROOT, "node_modules/.cache", name);
  const path = join(folder, "bin", program);
  const version = `import importlib.metadata as m; print(m.version("${name}"))`;
  const known = await execa(join(folder, "bin/python"), ["-c", version], { reject: false });
  const pinned = new RegExp(`^${name}(?:\\[.*\\])?==(\\S+)`, "m").exec(await readFile(requirements, "utf8"));
  if (known.stdout !== undefined && known.stdout === pinned?.[1]) return path;
  const python = await execa("python3", ["-c", "import venv, ensurepip"], { reject: false });
  if (python.exitCode !== 0) return null;
  await execa("python3", ["-m", "venv", "--clear", folder]);
  await execa(join(folder, "bin/pip"), ["install", "--quiet", "--requirement", requirements]);
  return path;
}
