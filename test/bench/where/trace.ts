/**
 * Loaded into the gateway before its own code: writes down when each request came and when its answer was out, with the
 * names of the commands in it. The gateway itself knows nothing of it.
 */
import { subscribe } from "node:diagnostics_channel";
import { createWriteStream } from "node:fs";
import type { IncomingMessage } from "node:http";

/** The environment variable that names the file to write into; a line a request. */
export const TRACE_FILE = "BENCH_TRACE_FILE";

/** A request to the gateway; times are in milliseconds since the epoch. */
export type TracedRequest = { label: string; startedAt: number; endedAt: number };

const file = process.env[TRACE_FILE];
// Whatever the system starts gets the same environment, and only the gateway is meant.
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

/** Listens in on a body without taking it away from whoever reads it. */
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

/** The names of the commands of a request, each once: it is one command, or a list of them. */
function commandsIn(body: unknown[]): string[] {
  const commands = Array.isArray(body[0]) ? (body as unknown[][]) : [body];
  return [...new Set(commands.map(([name]) => String(name).toUpperCase()))];
}
