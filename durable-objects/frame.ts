/** The most text that is put into one frame, in UTF-16 units, unless one event alone is longer. */
export const MAX_FRAME_TEXT = 256 * 1024;

/** The frame that carries events, each one serialised already. */
export function frameOf(events: readonly string[]): string {
  return `[${events.join(",")}]`;
}

/** How much text events are, about what they take in memory and on the wire. */
export function textLength(events: readonly string[]): number {
  let length = 0;
  for (const event of events) length += event.length + 1;
  return length;
}

/** Cuts events into runs that fit into a frame each, in order. */
export function frameRuns(events: string[]): string[][] {
  if (textLength(events) <= MAX_FRAME_TEXT) return [events];
  const runs: string[][] = [];
  let run: string[] = [];
  let length = 0;
  for (const event of events) {
    if (run.length > 0 && length + event.length + 1 > MAX_FRAME_TEXT) {
      runs.push(run);
      run = [];
      length = 0;
    }
    run.push(event);
    length += event.length + 1;
  }
  runs.push(run);
  return runs;
}
