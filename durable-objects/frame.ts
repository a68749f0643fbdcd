import { Buffer } from "node:buffer";

/** The largest frame that events are gathered into, in bytes, unless one event alone is larger. */
export const MAX_GATHERED_BYTES = 256 * 1024;

/** The frame that carries events, each one serialised already. */
export function frameOf(events: readonly string[]): string {
  return `[${events.join(",")}]`;
}

/** How long a text is in UTF-8, exactly: one native pass that copies nothing. */
export function byteLength(text: string): number {
  return Buffer.byteLength(text);
}

/** How many bytes events take in a frame, each with its comma. */
export function bytesOf(events: readonly string[]): number {
  let bytes = 0;
  for (const event of events) bytes += byteLength(event) + 1;
  return bytes;
}

/** Cuts events into runs that fit into a frame each, in order. */
export function frameRuns(events: string[]): string[][] {
  if (events.length < 2 || bytesOf(events) <= MAX_GATHERED_BYTES) return [events];
  const runs: string[][] = [];
  let run: string[] = [];
  let bytes = 0;
  for (const event of events) {
    const more = byteLength(event) + 1;
    if (run.length > 0 && bytes + more > MAX_GATHERED_BYTES) {
      runs.push(run);
      run = [];
      bytes = 0;
    }
    run.push(event);
    bytes += more;
  }
  runs.push(run);
  return runs;
}
