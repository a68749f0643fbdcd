import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { execa } from "execa";
import type { Complaint } from "./complaint.ts";
import { groupEnded, signalGroup } from "./process-group.ts";

/** A program of the system: a script for Node, its environment, and a callback for its output. */
export type Program = {
  name: string;
  /** The script and its arguments. */
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  onLine: (line: string, from: "stdout" | "stderr") => void;
  /** Called when it has ended by itself: what its user must change before another start of it can succeed, if anything. */
  refusal?: () => Complaint | null;
};

/** How long the last lines of a program may take after its end. Its own children may keep its output open. */
const LAST_LINES_MS = 500;

const LEASH = pathToFileURL(join(import.meta.dirname, "leash.ts")).href;

/**
 * A running program with all the processes that it starts. They form their own process group, so that all can be ended
 * together, and so that Ctrl-C reaches only this process, which ends its programs in order.
 */
export class Child {
  readonly pid: number;
  /** Resolves with a description of how it ended, after its last line; never rejects. */
  readonly ended: Promise<string>;
  readonly #process: ReturnType<typeof launch>;

  constructor(program: Program) {
    const running = launch(program);
    if (running.pid === undefined) throw new Error(`${program.name} could not be started`);
    this.pid = running.pid;
    this.#process = running;
    const read = Promise.all([this.#read(program, "stdout"), this.#read(program, "stderr")]);
    this.ended = running.then(async ({ exitCode, signal }) => {
      await Promise.race([read, sleep(LAST_LINES_MS)]);
      return signal === undefined ? `ended with code ${exitCode}` : `was ended by ${signal}`;
    });
  }

  /** Ends the whole group with SIGTERM, and with SIGKILL when the program has not ended after `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    signalGroup(this.pid, "SIGTERM");
    const timer = setTimeout(() => signalGroup(this.pid, "SIGKILL"), graceMs);
    await this.ended;
    clearTimeout(timer);
    // The program has ended; this ends the processes that it started and left running.
    signalGroup(this.pid, "SIGKILL");
    await groupEnded(this.pid);
  }

  kill(): void {
    signalGroup(this.pid, "SIGKILL");
  }

  async #read(program: Program, from: "stdout" | "stderr"): Promise<void> {
    for await (const line of this.#process.iterable({ from })) program.onLine(line, from);
  }
}

function launch({ args, env }: Program) {
  return execa(process.execPath, ["--import", LEASH, ...args], {
    env: { ...env },
    stdin: "ignore",
    detached: true,
    reject: false,
    buffer: false,
  });
}
