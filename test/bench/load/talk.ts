import { setTimeout as sleep } from "node:timers/promises";
import type { Conversation, Member, Sent } from "./conversation.ts";

/** A load was given up: the message says what was missing, and is empty when the violation that was seen says it. */
export class Unfinished extends Error {
  override readonly name = "Unfinished";
}

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
export async function talk(
  lanes: readonly Lane[],
  seconds: number,
  pauseMs: number,
  violated: AbortSignal,
): Promise<Sent[]> {
  const end = performance.now() + seconds * 1_000;
  const all: Sent[] = [];
  const followLane = async (lane: Lane) => {
    while (performance.now() < end && !violated.aborted) {
      await new Promise<void>((resolve) => all.push(sendIn(lane, resolve)));
      if (pauseMs > 0) await sleep(pauseMs);
    }
  };
  await finish(Promise.all(lanes.map(followLane)), all, seconds * 1_000 + PATIENCE_MS, violated);
  return all;
}

/** Has every lane send one message at once, and waits until all are received; answers what was sent. */
export async function sendBatch(lanes: readonly Lane[], violated: AbortSignal): Promise<Sent[]> {
  const sent: Sent[] = [];
  const received = lanes.map((lane) => new Promise<void>((resolve) => sent.push(sendIn(lane, resolve))));
  await finish(Promise.all(received), sent, PATIENCE_MS, violated);
  return sent;
}

function sendIn({ conversation, sender }: Lane, whenReceived: () => void): Sent {
  return conversation.send(sender, TEXT, whenReceived);
}

/** Waits until all that is sent is received; throws when that takes too long, or when a promise was not kept. */
async function finish(
  received: Promise<unknown>,
  sent: readonly Sent[],
  patienceMs: number,
  violated: AbortSignal,
): Promise<void> {
  const done = new AbortController();
  const patience = sleep(patienceMs, undefined, { signal: AbortSignal.any([done.signal, violated]) });
  const givenUp = patience.then(
    () => describeMissing(sent),
    () => "",
  );
  const missing = await Promise.race([received.then(() => null), givenUp]);
  done.abort();
  if (missing !== null) throw new Unfinished(missing);
}

function describeMissing(sent: readonly Sent[]): string {
  const missing = sent.filter(({ receivedAt }) => receivedAt === null);
  const unanswered = missing.filter(({ acceptedAt }) => acceptedAt === null).length;
  return `${missing.length} of ${sent.length} messages were not received in time, ${unanswered} of them not answered either`;
}
