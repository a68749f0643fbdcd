import { parentPort, workerData } from "node:worker_threads";
import { z } from "zod";
import { PGliteSession, type SessionOutcome, type SessionRequest } from "./pglite-session.ts";

/** To the worker: work with a number, or the wish to end. */
export type WorkerRequest = { readonly id: number; readonly request: SessionRequest } | "close";

/** From the worker: that it is open, or what became of the work with that number. */
export type WorkerReply =
  | "open"
  | { readonly id: number; readonly outcome: SessionOutcome }
  | { readonly id: number; readonly fault: string };

// The thread's program: PGlite runs a statement to its end without giving way, and here it holds up nobody else.
const port = parentPort;
if (port === null) throw new Error("This file runs as a worker thread");
const session = await PGliteSession.open(z.object({ dataDir: z.string() }).parse(workerData).dataDir);
let last: Promise<void> = Promise.resolve();

port.on("message", (message: WorkerRequest) => {
  last = last.then(() => (message === "close" ? close() : answer(message.id, message.request)));
});
post("open");

async function answer(id: number, request: SessionRequest): Promise<void> {
  try {
    post({ id, outcome: await session.run(request) });
  } catch (error) {
    post({ id, fault: error instanceof Error ? error.message : String(error) });
  }
}

async function close(): Promise<void> {
  await session.close();
  port?.close();
}

function post(reply: WorkerReply): void {
  port?.postMessage(reply);
}
