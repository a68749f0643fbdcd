import { expect } from "vitest";
import type { Message } from "../../schema/wire/message.ts";
import { textOf } from "./people.ts";

/** Expects the invariants of a history: seqs from 1 without a gap, rising revs and ids, every client id once. */
export function expectSound(history: Message[]): void {
  expect(history.map(({ seq }) => seq)).toEqual(history.map((_, index) => index + 1));
  expect(history.filter(growsFrom(history))).toEqual(history.slice(1));
  const sent = history.map(({ senderId, clientId }) => `${senderId} ${clientId}`);
  expect(new Set(sent).size).toBe(sent.length);
}

/** Expects a history to hold each of these senders' texts once, in the order in which they were sent, and nothing else. */
export function expectInOrder(history: Message[], sent: ReadonlyMap<string, string[]>): void {
  const texts = new Map([...sent.keys()].map((senderId): [string, string[]] => [senderId, []]));
  for (const message of history) texts.get(message.senderId)?.push(textOf(message));
  expect(texts).toEqual(sent);
  expect(history).toHaveLength([...sent.values()].flat().length);
}

/** Whether a message has a higher rev and a higher id than the one before it. */
function growsFrom(history: Message[]): (message: Message, index: number) => boolean {
  return ({ id, rev }, index) => {
    const previous = history[index - 1];
    return previous !== undefined && rev > previous.rev && BigInt(id) > BigInt(previous.id);
  };
}
