import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { execa } from "execa";
import { groupEnded, signalGroup } from "./process-group.ts";

/** A program of the system: what Node runs, in which environment, and who listens to its lines. */
export type Program = {
  name: string;
  /** The script and its arguments. */
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  onLine: (line: string, from: "stdout" | "stderr") => void;
  /** A line that says that the program is dead, though it may go on running. */
  lastWords?: RegExp;
};

const LEASH = pathToFileURL(join(import.meta.dirname, "leash.ts")).href;

/**
 * A running program with all the processes that it starts: they form a process group of their own, so that all can be
 * ended together, and so that Ctrl-C reaches this process alone, which ends them in order.
 */
export class Child {
  readonly pid: number;
  /** How it ended; never rejects. */
  readonly ended: Promise<string>;
  readonly #process: ReturnType<typeof launch>;

  constructor(program: Program) {
    const running = launch(program);
    if (running.pid === undefined) throw new Error(`${program.name} could not be started`);
    this.pid = running.pid;
    this.#process = running;
    void this.#read(program, "stdout");
    void this.#read(program, "stderr");
    this.ended = running.then(({ exitCode, signal }) =>
      signal === undefined ? `ended with code ${exitCode}` : `was ended by ${signal}`,
    );
  }

  /** Asks the whole group to end, and ends it by force when it takes longer. */
  async stop(patienceMs: number): Promise<void> {
    signalGroup(this.pid, "SIGTERM");
    const timer = setTimeout(() => signalGroup(this.pid, "SIGKILL"), patienceMs);
    await this.ended;
    clearTimeout(timer);
    // The program itself is gone; what it has started and left goes with it.
    signalGroup(this.pid, "SIGKILL");
    await groupEnded(this.pid);
  }

  kill(): void {
    signalGroup(this.pid, "SIGKILL");
  }

  async #read(program: Program, from: "stdout" | "stderr"): Promise<void> {
    for await (const line of this.#process.iterable({ from })) {
      program.onLine(line, from);
      if (program.lastWords?.test(line)) this.kill();
    }
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
