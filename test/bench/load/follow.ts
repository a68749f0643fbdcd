import { setTimeout as sleep } from "node:timers/promises";
import type { Followed } from "./orders.ts";
import type { People } from "./people.ts";
import { lanesOf, sendBatch } from "./talk.ts";

/** Long enough for all that follows a receipt to be over (milliseconds). */
const PAUSE_MS = 60;

/** Has one pair write one message at a time, with a pause after each; returns the times of each. */
export async function follow({ pairs, violations }: People, messages: number): Promise<Followed[]> {
  const lanes = pairs.slice(0, 1).flatMap((pair) => lanesOf(pair, 1, 1));
  const followed: Followed[] = [];
  for (let count = 0; count < messages; count++) {
    const sent = await sendBatch(lanes, violations.signal);
    await sleep(PAUSE_MS);
    for (const { sentAt, acceptedAt, receivedAt } of sent) {
      if (acceptedAt === null || receivedAt === null) continue;
      followed.push({ sentAt: wall(sentAt), acceptedAt: wall(acceptedAt), receivedAt: wall(receivedAt) });
    }
  }
  return followed;
}

function wall(at: number): number {
  return performance.timeOrigin + at;
}
