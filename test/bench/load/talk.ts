import { setTimeout as sleep } from "node:timers/promises";
import type { Conversation, Member, Sent } from "./conversation.ts";

/** Longer than a lock lasts, so that a delivery made again in its place still counts (milliseconds). */
const PATIENCE_MS = 60_000;
const TEXT = "Shall we meet at seven, at the usual place? I will bring the book.";

/** Somebody who writes into a conversation, one message after the other is received. */
export type Lane = { conversation: Conversation; sender: Member };

/** As many lanes as messages are to be under way, spread over the conversation's people. */
export function lanesOf(conversation: Conversation, underWay: number, senders: number): Lane[] {
  return Array.from({ length: underWay }, (_, index) => {
    const sender = conversation.devices[index % senders];
    if (sender === undefined) throw new Error(`${conversation.id} has fewer than ${senders} devices`);
    return { conversation, sender };
  });
}

/** Has every lane send again as soon as its message is received, or a pause later; answers all that was sent. */
export async function talk(lanes: readonly Lane[], seconds: number, pauseMs: number): Promise<Sent[]> {
  const end = performance.now() + seconds * 1_000;
  const all: Sent[] = [];
  const followLane = async (lane: Lane) => {
    while (performance.now() < end) {
      await new Promise<void>((resolve) => all.push(sendIn(lane, resolve)));
      if (pauseMs > 0) await sleep(pauseMs);
    }
  };
  await atMost(seconds * 1_000 + PATIENCE_MS, Promise.all(lanes.map(followLane)));
  return all;
}

/** Has every lane send one message at once, and waits until all are received; answers how long that took (milliseconds). */
export async function sendBatch(lanes: readonly Lane[]): Promise<{ ms: number; sent: Sent[] }> {
  const began = performance.now();
  const sent: Sent[] = [];
  const received = lanes.map((lane) => new Promise<void>((resolve) => sent.push(sendIn(lane, resolve))));
  await atMost(PATIENCE_MS, Promise.all(received));
  return { ms: performance.now() - began, sent };
}

function sendIn({ conversation, sender }: Lane, whenReceived: () => void): Sent {
  return conversation.send(sender, TEXT, whenReceived);
}

/** Waits no longer than that: whoever looks at the messages sees which are missing. */
async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  const late = new AbortController();
  await Promise.race([work, sleep(ms, undefined, { signal: late.signal }).catch(() => {})]);
  late.abort();
}
