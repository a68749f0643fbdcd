/**
 * Loaded into the gateway before its own code: writes the start and end of each request with the names of its commands to a
 * file. The gateway has no code for it.
 */
import { subscribe } from "node:diagnostics_channel";
import { createWriteStream } from "node:fs";
import type { IncomingMessage } from "node:http";

/** The environment variable with the name of the output file: one line per request. */
export const TRACE_FILE = "BENCH_TRACE_FILE";

/** A request to the gateway; times are in milliseconds since the epoch. */
export type TracedRequest = { label: string; startedAt: number; endedAt: number };

const file = process.env[TRACE_FILE];
// All processes of the system get this environment; only the gateway is traced.
if (file !== undefined && process.argv[1]?.endsWith("gateway/main.ts")) trace(file);

function trace(path: string): void {
  const lines = createWriteStream(path);
  const open = new Map<unknown, { startedAt: number; body: () => string }>();
  subscribe("http.server.request.start", (message) => {
    const { request } = message as { request: IncomingMessage };
    open.set(request, { startedAt: now(), body: bodyOf(request) });
  });
  subscribe("http.server.response.finish", (message) => {
    const { request } = message as { request: IncomingMessage };
    const found = open.get(request);
    open.delete(request);
    if (found === undefined) return;
    const label = labelOf(request.url ?? "", found.body());
    const traced: TracedRequest = { label, startedAt: found.startedAt, endedAt: now() };
    lines.write(`${JSON.stringify(traced)}\n`);
  });
}

function now(): number {
  return performance.timeOrigin + performance.now();
}

/** Reads a body without consuming it for the gateway. */
function bodyOf(request: IncomingMessage): () => string {
  const chunks: Buffer[] = [];
  const push = request.push.bind(request);
  request.push = (chunk: Buffer | null, encoding) => {
    if (chunk !== null) chunks.push(chunk);
    return push(chunk, encoding);
  };
  return () => Buffer.concat(chunks).toString();
}

function labelOf(url: string, body: string): string {
  const [, store, endpoint] = url.split("/");
  switch (store) {
    case "kafka":
      return `Kafka ${endpoint}`;
    case "redis":
      return `Redis ${commandsIn(JSON.parse(body)).join(" ")}`;
    case "sql": {
      const { queries }: { queries?: unknown[] } = JSON.parse(body);
      return `SQL ${queries?.length ?? 1} statement(s)`;
    }
    default:
      return url;
  }
}

/** The names of the commands of a request, each once. The body is one command or a list of commands. */
function commandsIn(body: unknown[]): string[] {
  const commands = Array.isArray(body[0]) ? (body as unknown[][]) : [body];
  return [...new Set(commands.map(([name]) => String(name).toUpperCase()))];
}
