import { setTimeout as sleep } from "node:timers/promises";
import { Child, type Program } from "../../../scripts/system/child.ts";
import { groupEnded, signalGroup } from "../../../scripts/system/process-group.ts";
import { isHealthy, until } from "../../../scripts/system/until.ts";

const START_MS = 60_000;
const GRACE_MS = 5_000;
const RESTART_MS = 500;

/** The gateway, which runs until it is stopped: whenever it ends, it is started again. */
export class GatewayProcess {
  readonly #program: Program;
  readonly #port: number;
  #child: Child | undefined;
  #stopping = false;

  constructor(program: Program, port: number) {
    this.#program = program;
    this.#port = port;
    void this.#keep();
  }

  /** Returns when it responds. */
  healthy(): Promise<void> {
    return until(() => isHealthy(`http://127.0.0.1:${this.#port}/health`), AbortSignal.timeout(START_MS));
  }

  /** Kills it with SIGKILL; returns when it has ended. An embedded Redis is empty after that. */
  async kill(): Promise<void> {
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    signalGroup(pid, "SIGKILL");
    await groupEnded(pid);
  }

  pause(): void {
    if (this.#child !== undefined) signalGroup(this.#child.pid, "SIGSTOP");
  }

  resume(): void {
    if (this.#child !== undefined) signalGroup(this.#child.pid, "SIGCONT");
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.resume();
    await this.#child?.stop(GRACE_MS);
  }

  async #keep(): Promise<void> {
    while (!this.#stopping) {
      this.#child = new Child(this.#program);
      await this.#child.ended;
      this.#child.kill();
      await sleep(RESTART_MS);
    }
  }
}
