import { describe, expect, it } from "vitest";
import type { Complaint } from "./complaint.ts";
import { ConsoleLog } from "./console-log.ts";
import { groupRuns } from "./processes.ts";
import { Supervisor } from "./supervisor.ts";

const silent = new ConsoleLog("none");
const program = (source: string) => ({ name: "program", args: ["-e", source], env: {}, onLine: () => {} });

describe("a supervisor", () => {
  it("restarts a program that has ended, and gives up when it keeps ending", async () => {
    const starts: number[] = [];
    const complaint = await new Promise<Complaint>((gaveUp) => {
      const changed = ({ program: pid }: Record<string, number>) => pid !== undefined && starts.push(pid);
      new Supervisor(silent, { changed, gaveUp }).start(program("process.exit(3)"));
    });
    expect(complaint.message).toBe(
      "program died 5 times within a minute, the last time it ended with code 3",
    );
    expect(new Set(starts).size).toBe(5);
  });

  it("ends a program with all the processes that it has started, also when it ignores SIGTERM", async () => {
    const stubborn = `
      process.on("SIGTERM", () => {});
      require("node:child_process").spawn("sleep", ["100"]);
      console.log("up");
      setInterval(() => {}, 1000);`;
    let pid = 0;
    const supervisor = new Supervisor(silent, {
      changed: (pids) => (pid = pids.program ?? pid),
      gaveUp: () => {},
    });
    await new Promise<void>((up) => supervisor.start({ ...program(stubborn), onLine: () => up() }));
    await supervisor.stop([["program"]], 300);
    expect(groupRuns(pid)).toBe(false);
  });
});
