import { stripVTControlCharacters } from "node:util";
import type { Level } from "./console-log.ts";

/** What a line of `wrangler dev` says: which layer says it, what, and how grave it is. */
export type WranglerLine = { source: string; text: string; level: Level };

/** Takes a line of `wrangler dev` apart; null when it says nothing to whoever watches the system. */
export function readWranglerLine(raw: string): WranglerLine | null {
  const line = stripVTControlCharacters(raw).trimEnd();
  if (NOISE.some((noise) => noise.test(line))) return null;
  const graded = /^[▲✘] \[(WARNING|ERROR)\] (.*)$/.exec(line);
  if (graded !== null) {
    return { source: "workers", text: graded[2] ?? "", level: graded[1] === "ERROR" ? "error" : "warn" };
  }
  const own = /^\[wrangler:(info|warn|error)\] (.*)$/.exec(line);
  if (own !== null) return { source: "workers", text: own[2] ?? "", level: own[1] as Level };
  const worker = /^\[edge-im-([a-z]+)\] (.*)$/.exec(line);
  if (worker !== null) return { source: worker[1] ?? "workers", text: worker[2] ?? "", level: "info" };
  return { source: "workers", text: line, level: "info" };
}

const NOISE = [
  /^\s*$/,
  // What is bound to what: the configurations say so.
  /has access to the following bindings:$/,
  /^Binding\s+Resource/,
  /^env\.\w+/,
  /^Service bindings, Durable Object bindings/,
  /^Your Worker has access to/,
  // Its own start and reloads, and one line a request.
  /^⎔ (Starting|Reloading|Shutting|Local server updated)/,
  /^\[wrangler:info\] (Ready on|Shutting|[A-Z]+ \/)/,
  // We drive cron.
  /Scheduled Workers are not automatically triggered/,
  /^\s+(To manually trigger a scheduled event|curl "http|For more details, see)/,
  // What it would tell the world, which the start forbids it.
  /^Cloudflare collects anonymous telemetry/,
  // Asset requests, and what wrangler says of the machine it runs on.
  /^Using (secrets|vars) defined in/,
  /🪵 {2}Logs were written to/,
];
