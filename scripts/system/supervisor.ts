import { setTimeout as sleep } from "node:timers/promises";
import { Child, type Program } from "./child.ts";
import { Complaint, FAILED } from "./complaint.ts";
import type { ConsoleLog } from "./console-log.ts";

const WINDOW_MS = 60_000;
const MOST_DEATHS = 5;

/** Who hears of what happens to the programs. */
type Hearers = {
  /** The process ids by name, whenever one changes. */
  changed: (pids: Record<string, number>) => void;
  /** A program keeps dying. */
  gaveUp: (complaint: Complaint) => void;
};

/** Keeps programs running: a dead one is started again, a little later each time; one that keeps dying ends everything. */
export class Supervisor {
  readonly #running = new Map<string, Child>();
  readonly #log: ConsoleLog;
  readonly #hear: Hearers;
  #stopping = false;

  constructor(log: ConsoleLog, hear: Hearers) {
    this.#log = log;
    this.#hear = hear;
  }

  /** Starts a program and keeps it running until it is stopped. */
  start(program: Program): void {
    void this.#keep(program);
  }

  /** Ends a program with all that it has started, and leaves it so. */
  async stop(names: readonly string[], patienceMs: number): Promise<void> {
    this.#stopping = true;
    for (const name of names) await this.#running.get(name)?.stop(patienceMs);
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
      this.#tell();
      const end = await child.ended;
      child.kill();
      this.#running.delete(program.name);
      this.#tell();
      if (this.#stopping) return;
      deaths.push(Date.now());
      const recent = deaths.filter((at) => at > Date.now() - WINDOW_MS).length;
      this.#log.say(program.name, end, "error");
      if (recent >= MOST_DEATHS) {
        const sentence = `${program.name} died ${recent} times within a minute, the last time it ${end}`;
        this.#hear.gaveUp(new Complaint(sentence, FAILED));
        return;
      }
      await sleep(250 * 2 ** recent);
    }
  }

  #tell(): void {
    this.#hear.changed(Object.fromEntries([...this.#running].map(([name, child]) => [name, child.pid])));
  }
}
