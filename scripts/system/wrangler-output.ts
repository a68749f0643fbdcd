import { stripVTControlCharacters } from "node:util";
import type { Level } from "./console-log.ts";

/** A line of `wrangler dev`: the layer that wrote it, its text and its level. */
export type WranglerLine = { source: string; text: string; level: Level };

/** Parses a line of `wrangler dev`; null when it is noise. */
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
  // The lists of bindings, which are in the configurations.
  /has access to the following bindings:$/,
  /^Binding\s+Resource/,
  /^env\.\w+/,
  /^Service bindings, Durable Object bindings/,
  /^Your Worker has access to/,
  // wrangler's start and reloads, and one line for each request.
  /^⎔ (Starting|Reloading|Shutting|Local server updated)/,
  /^\[wrangler:info\] (Ready on|Shutting|[A-Z]+ \/)/,
  // `npm start` triggers cron itself.
  /Scheduled Workers are not automatically triggered/,
  /^\s+(To manually trigger a scheduled event|curl "http|For more details, see)/,
  // Telemetry, which is off.
  /^Cloudflare collects anonymous telemetry/,
  // Notes about local files.
  /^Using (secrets|vars) defined in/,
  /🪵 {2}Logs were written to/,
];
