import { readdirSync, readFileSync } from "node:fs";
import type { Counts } from "../counts.ts";

/** The unit of times in /proc on Linux. */
const TICKS_A_SECOND = 100;

type Process = { pid: number; parent: number; name: string; seconds: number };

/** The process ids of the gateway and the load, which cannot be told by their names. */
export type Known = { gateway?: number | undefined; load?: number | undefined };

/**
 * The CPU seconds of this process's descendants, by program. Workers run in workerd; Postgres counts as part of the gateway;
 * the rest are the launchers, which pass on log lines. Empty without /proc.
 */
export function readCpu({ gateway, load }: Known): Counts {
  const counts: Counts = {};
  for (const { pid, name, seconds } of descendants(process.pid, readProcesses())) {
    const program = programOf(pid, name, { gateway, load });
    counts[program] = (counts[program] ?? 0) + seconds;
  }
  return counts;
}

function programOf(pid: number, name: string, { gateway, load }: Known): string {
  if (pid === gateway || name === "postgres") return "gateway";
  if (pid === load) return "load";
  return name === "workerd" ? name : "rest";
}

function descendants(parent: number, processes: readonly Process[]): Process[] {
  const children = processes.filter((process) => process.parent === parent);
  return children.flatMap((child) => [child, ...descendants(child.pid, processes)]);
}

function readProcesses(): Process[] {
  if (process.platform !== "linux") return [];
  const pids = readdirSync("/proc").filter((name) => /^[0-9]+$/.test(name));
  return pids.flatMap((pid) => readProcess(Number(pid)) ?? []);
}

function readProcess(pid: number): Process | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name is in brackets and may contain any character, including brackets.
    const end = stat.lastIndexOf(")");
    const fields = stat.slice(end + 2).split(" ");
    return {
      pid,
      name: stat.slice(stat.indexOf("(") + 1, end),
      parent: Number(fields[1]),
      seconds: (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND,
    };
  } catch {
    // The process has ended since /proc was listed.
    return null;
  }
}
