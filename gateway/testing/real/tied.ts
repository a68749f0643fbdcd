import type { ChildProcess } from "node:child_process";

/**
 * Kills a started server when this process exits before it, so that no failed test leaves one behind. Start it in a process
 * group of its own (`detached`): Ctrl-C would end it before whoever still uses it.
 */
export function tieToThisProcess(child: ChildProcess): void {
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  child.once("exit", () => process.removeListener("exit", kill));
}
