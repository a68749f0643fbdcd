import { setTimeout as sleep } from "node:timers/promises";
import { Child, type Program } from "./child.ts";
import { Complaint, FAILED } from "./complaint.ts";
import type { ConsoleLog } from "./console-log.ts";

const WINDOW_MS = 60_000;
const MOST_DEATHS = 5;

/** Callbacks for what happens to the programs. */
type Listeners = {
  /** Called with the process ids by program name whenever one changes. */
  changed: (pids: Record<string, number>) => void;
  /** Called when a program is not restarted any more: it keeps ending, or refuses to start. */
  gaveUp: (complaint: Complaint) => void;
};

/** Keeps programs running: restarts a program that ends, after a growing wait; reports one that keeps ending. */
export class Supervisor {
  readonly #running = new Map<string, Child>();
  readonly #log: ConsoleLog;
  readonly #listeners: Listeners;
  #stopping = false;

  constructor(log: ConsoleLog, listeners: Listeners) {
    this.#log = log;
    this.#listeners = listeners;
  }

  /** Starts a program and keeps it running until it is stopped. */
  start(program: Program): void {
    void this.#keep(program);
  }

  /** Whether a program of this name runs. */
  runs(name: string): boolean {
    return this.#running.has(name);
  }

  /** From now on, programs that end are not started again. */
  restartNone(): void {
    this.#stopping = true;
  }

  /** Ends programs one group after the other, each with all processes that it has started, and restarts none. */
  async stop(groups: readonly (readonly string[])[], graceMs: number): Promise<void> {
    this.restartNone();
    for (const names of groups) {
      await Promise.all(names.map((name) => this.#running.get(name)?.stop(graceMs)));
    }
  }

  /** Ends everything at once. */
  kill(): void {
    this.#stopping = true;
    for (const child of this.#running.values()) child.kill();
  }

  async #keep(program: Program): Promise<void> {
    const deaths: number[] = [];
    while (!this.#stopping) {
      const child = new Child(program);
      this.#running.set(program.name, child);
      this.#notify();
      const end = await child.ended;
      child.kill();
      this.#running.delete(program.name);
      this.#notify();
      if (this.#stopping) return;
      const refusal = program.refusal?.() ?? null;
      if (refusal !== null) {
        this.#listeners.gaveUp(refusal);
        return;
      }
      deaths.push(Date.now());
      const recent = deaths.filter((at) => at > Date.now() - WINDOW_MS).length;
      this.#log.say(program.name, end, "error");
      if (recent >= MOST_DEATHS) {
        const sentence = `${program.name} died ${recent} times within a minute, the last time it ${end}`;
        this.#listeners.gaveUp(new Complaint(sentence, FAILED));
        return;
      }
      await sleep(250 * 2 ** recent);
    }
  }

  #notify(): void {
    this.#listeners.changed(Object.fromEntries([...this.#running].map(([name, child]) => [name, child.pid])));
  }
}
