import { readdirSync, readFileSync } from "node:fs";
import { execaSync } from "execa";

/** A running process of this machine. */
export type Process = { pid: number; group: number };

/**
 * The processes that have an environment variable with this value, set or inherited. Leaves out zombies, which hold no
 * ports or files, and processes of other users, whose environment cannot be read.
 */
export function processesWith(name: string, value: string): Process[] {
  const setting = `${name}=${value}`;
  return process.platform === "linux"
    ? listProc().filter(({ pid }) => readOrEmpty(`/proc/${pid}/environ`).split("\0").includes(setting))
    : listPs().filter(({ command }) => command.split(" ").includes(setting));
}

/** Whether a process of a group runs. Zombies do not count: they hold no ports or files. */
export function groupRuns(group: number): boolean {
  const processes = process.platform === "linux" ? listProc() : listPs();
  return processes.some((process) => process.group === group);
}

/** When a process started, in the format of the operating system; empty when it has ended or is a zombie. */
export function startedAt(pid: number): string {
  if (process.platform === "linux") {
    return runningFields(pid)[19] ?? "";
  }
  const { stdout } = execaSync("ps", ["-o", "stat=,lstart=", "-p", String(pid)], { reject: false });
  const [, state, time = ""] = /^\s*(\S+)\s+(.*)$/.exec(stdout) ?? [];
  return hasEnded(state) ? "" : time;
}

/** Whether a state, as ps shows it, is that of an ended process that only waits for its parent. */
function hasEnded(state = "Z"): boolean {
  return /^[ZX]/.test(state);
}

function listProc(): Process[] {
  const pids = readdirSync("/proc").filter((name) => /^[0-9]+$/.test(name));
  return pids.flatMap((pid) => {
    const group = runningFields(Number(pid))[2];
    return group === undefined ? [] : [{ pid: Number(pid), group: Number(group) }];
  });
}

/** The fields of `/proc/<pid>/stat` after the program's name, which may hold spaces and brackets. Empty when it ended. */
function runningFields(pid: number): string[] {
  const stat = readOrEmpty(`/proc/${pid}/stat`);
  const fields = stat === "" ? [] : stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // A process whose first thread has ended is a zombie, but holds its ports until its last thread has.
  const isEnding = Number(fields[17]) > 1;
  return hasEnded(fields[0]) && !isEnding ? [] : fields;
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // The process has ended, or belongs to another user.
    return "";
  }
}

/** The ps of BSD and macOS: -E shows the environment after the command. */
function listPs(): (Process & { command: string })[] {
  const { stdout } = execaSync("ps", ["-axEww", "-o", "pid=,pgid=,stat=,command="]);
  return stdout.split("\n").flatMap((line) => {
    const [, pid, group, state, command = ""] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    return hasEnded(state) ? [] : [{ pid: Number(pid), group: Number(group), command }];
  });
}
