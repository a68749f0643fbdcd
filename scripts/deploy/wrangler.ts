import { stripVTControlCharacters } from "node:util";
import { execa } from "execa";
import { Complaint, FAILED } from "../system/complaint.ts";
import { programs, ROOT } from "../system/project.ts";

/** Has wrangler send nothing about its use, and print and write less. */
export const QUIET = {
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_HIDE_BANNER: "true",
  WRANGLER_WRITE_LOGS: "false",
};

/** What a run of wrangler has printed. */
export type WranglerRun = { failed: boolean; stdout: string; output: string };

/** Runs wrangler, which asks nothing; `env` adds to the environment. */
export async function runWrangler(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<WranglerRun> {
  const { failed, stdout, all } = await execa(process.execPath, [programs.wrangler, ...args], {
    cwd: ROOT,
    env: { ...QUIET, ...env },
    stdin: "ignore",
    all: true,
    reject: false,
  });
  return { failed, stdout, output: stripVTControlCharacters(all).trim() };
}

/** The same, for what must succeed. */
export async function wrangler(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<WranglerRun> {
  const run = await runWrangler(args, env);
  if (run.failed) throw new Complaint(`wrangler ${args.join(" ")} has failed:\n${run.output}`, FAILED);
  return run;
}
