import { join } from "node:path";
import { execa } from "execa";
import { ROOT } from "../../scripts/system/project.ts";
import { OPERATOR_TOKEN } from "./operator.ts";

/** Runs `npm run ops -- …` against a system, as ada. */
export async function runOps(
  url: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ exitCode: number | undefined; output: string }> {
  const { exitCode, all } = await execa(process.execPath, [join(ROOT, "scripts/ops.ts"), ...args], {
    env: { OPS_URL: url, OPS_TOKEN: OPERATOR_TOKEN, ...env },
    stdin: "ignore",
    all: true,
    reject: false,
  });
  return { exitCode, output: all };
}
