import { cpus, totalmem, type } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { ROOT } from "../../scripts/system/project.ts";

/** The machine and the runtimes, in a line. */
export async function describeMachine(): Promise<string> {
  const workerd = await execa(join(ROOT, "node_modules/.bin/workerd"), ["--version"]);
  const cores = cpus();
  return [
    `${cores.length} cores (${cores[0]?.model.trim() ?? "unknown"})`,
    `${Math.round(totalmem() / 2 ** 30)} GiB`,
    type(),
    `Node ${process.version}`,
    workerd.stdout.trim(),
  ].join(", ");
}
