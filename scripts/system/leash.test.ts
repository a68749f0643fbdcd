import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { groupEnded, signalGroup } from "./process-group.ts";
import { groupRuns } from "./processes.ts";

/** A program that ignores SIGTERM, and so does the process that it starts. */
const STUBBORN = `
  process.on("SIGTERM", () => {});
  require("node:child_process").spawn("sh", ["-c", "trap '' TERM; sleep 100"]);
  console.log("up");
  setInterval(() => {}, 1000);`;

const STARTER = `
  import { Child } from ${JSON.stringify(join(import.meta.dirname, "child.ts"))};
  const args = ["-e", process.argv[1]];
  const child = new Child({ name: "program", args, env: {}, onLine: () => console.log(child.pid) });`;

describe("a program on its leash", () => {
  it.each(["SIGTERM", "SIGKILL"] as const)(
    "ends with all the processes that it has started when its starter ends by %s",
    async (signal) => {
      const starter = spawn(process.execPath, ["--input-type=module", "-e", STARTER, STUBBORN], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const [line] = await once(starter.stdout, "data");
      const group = Number(String(line));
      onTestFinished(() => void signalGroup(group, "SIGKILL"));
      expect(groupRuns(group)).toBe(true);
      starter.kill(signal);
      await groupEnded(group);
    },
  );
});
