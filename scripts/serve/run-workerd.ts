/**
 * Runs one workerd, as a program that the supervisor can start: Node, because only that is kept on the leash of its starter.
 * The arguments are the configuration file, and the Unix sockets that an earlier run may have left.
 */
import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import workerd from "workerd";

const [config = "", ...sockets] = process.argv.slice(2);
// workerd does not listen on a socket that exists.
for (const socket of sockets) rmSync(socket, { force: true });

// Experimental are, today, Durable Objects on disk and calls of a queue's consumer.
const running = spawn(workerd.default, ["serve", "--experimental", config], { stdio: "inherit" });
// The signal has reached workerd, too: both are in one group. This process waits for it.
process.on("SIGTERM", () => {});
running.once("error", (error) => {
  console.error(error.message);
  process.exit(1);
});
running.once("exit", (code, signal) => {
  if (signal !== null) console.error(`workerd was ended by ${signal}`);
  process.exit(code ?? 1);
});
