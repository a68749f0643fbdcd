import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { signalGroup } from "./process-group.ts";
import { groupRuns, startedAt } from "./processes.ts";
import { claimDataDir, readRunFile } from "./run-file.ts";

/** Claims a folder, starts one program that it notes and one that it does not note, and waits. */
const START = `
  import { spawn } from "node:child_process";
  import { claimDataDir } from ${JSON.stringify(join(import.meta.dirname, "run-file.ts"))};
  const claim = await claimDataDir(process.argv[1]);
  const program = spawn("sh", ["-c", "sleep 100 & wait"], { detached: true, stdio: "ignore" });
  const helper = spawn("sleep", ["100"], { detached: true, stdio: "ignore" });
  claim.note({ program: program.pid });
  console.log(JSON.stringify([program.pid, helper.pid]));
  setInterval(() => {}, 1000);`;

describe("the claim to a data folder", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "edge-im-run-file-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("is refused while another start holds it", async () => {
    const { start } = await startElsewhere(folder);
    await expect(claimDataDir(folder)).rejects.toThrow(`is in use by process ${start.pid}`);
    await end(start);
    await claimDataDir(folder);
  });

  it("ends the processes that a killed start has left, also when only a child of its program is left", async () => {
    const { start, program, helper } = await startElsewhere(folder);
    await end(start);
    process.kill(program, "SIGKILL");
    expect(groupRuns(program)).toBe(true);
    expect(groupRuns(helper)).toBe(true);
    await claimDataDir(folder);
    expect(groupRuns(program)).toBe(false);
    expect(groupRuns(helper)).toBe(false);
  });

  it("does not end other processes that have the ids of a killed start's processes", async () => {
    await claimDataDir(folder);
    const known = readRunFile(folder);
    const stranger = spawn("sleep", ["100"], { detached: true, stdio: "ignore", env: {} });
    const pid = stranger.pid ?? 0;
    const start = { pid, startedAt: `${startedAt(pid)}0` };
    await writeFile(
      join(folder, "pids.json"),
      JSON.stringify({ ...known, start, programs: { program: pid } }),
    );
    await claimDataDir(folder);
    expect(groupRuns(pid)).toBe(true);
    await end(stranger);
  });
});

async function startElsewhere(folder: string) {
  const start = spawn(process.execPath, ["--input-type=module", "-e", START, folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(start.stdout, "data");
  const [program = 0, helper = 0] = JSON.parse(String(line)) as number[];
  onTestFinished(() => {
    for (const group of [program, helper]) signalGroup(group, "SIGKILL");
  });
  return { start, program, helper };
}

async function end(child: ChildProcess): Promise<void> {
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}
