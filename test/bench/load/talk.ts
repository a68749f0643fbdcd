import { setTimeout as sleep } from "node:timers/promises";
import type { Conversation, Member, Sent } from "./conversation.ts";

/** A load was given up. The message describes the missing messages; it is empty when a violation is the reason. */
export class Unfinished extends Error {
  override readonly name = "Unfinished";
}

/** Longer than a lock lasts, so that a delivery after a lapsed lock still counts (milliseconds). */
const PATIENCE_MS = 60_000;
const TEXT = "Shall we meet at seven, at the usual place? I will bring the book.";

/** A sender in a conversation with one message under way at a time. */
export type Lane = { conversation: Conversation; sender: Member };

/** A lane for each message under way, spread over the conversation's senders. */
export function lanesOf(conversation: Conversation, underWay: number, senders: number): Lane[] {
  return Array.from({ length: underWay }, (_, index) => {
    const sender = conversation.devices[index % senders];
    if (sender === undefined) throw new Error(`${conversation.id} has fewer than ${senders} devices`);
    return { conversation, sender };
  });
}

/** Has every lane send again when its message is received, after a pause; returns all that was sent. */
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

/** Has every lane send one message at once, and waits until all are received; returns what was sent. */
export async function sendBatch(lanes: readonly Lane[], violated: AbortSignal): Promise<Sent[]> {
  const sent: Sent[] = [];
  const received = lanes.map((lane) => new Promise<void>((resolve) => sent.push(sendIn(lane, resolve))));
  await finish(Promise.all(received), sent, PATIENCE_MS, violated);
  return sent;
}

function sendIn({ conversation, sender }: Lane, whenReceived: () => void): Sent {
  return conversation.send(sender, TEXT, whenReceived);
}

/** Waits until all is received; throws when that takes too long, or at a violation. */
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
  return `${missing.length} of ${sent.length} messages were not received in time, ${unanswered} of them not accepted either`;
}
