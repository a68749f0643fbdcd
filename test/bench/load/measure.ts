import { setTimeout as sleep } from "node:timers/promises";
import type { Conversation, Sent } from "./conversation.ts";
import type { Order, Tally } from "./orders.ts";
import type { People } from "./people.ts";
import { spreadOf } from "./spread.ts";
import { type Lane, lanesOf, sendBatch, talk } from "./talk.ts";

type OrderOf<Kind extends Order["kind"]> = Extract<Order, { kind: Kind }>;

/** Has pairs talk, and the group; one side of each pair writes, and as many of the group as messages are under way. */
export async function measureTalk(people: People, order: OrderOf<"talk">): Promise<Tally> {
  const { pairs, perPair, inGroup, seconds, pauseMs } = order;
  const lanes = [
    ...people.pairs.slice(0, pairs).flatMap((pair) => lanesOf(pair, perPair, 1)),
    ...lanesOf(people.group, inGroup, inGroup),
  ];
  return tallyOf(people, lanes, async () => {
    const sent = await talk(lanes, seconds, pauseMs, people.violations.signal);
    return {
      done: sent.length,
      sent,
      receivedMs: sent.map(({ sentAt, receivedAt }) => (receivedAt ?? 0) - sentAt),
    };
  });
}

/** Sends batches; each time is that of a whole batch. */
export async function measureBatches(people: People, order: OrderOf<"batch">): Promise<Tally> {
  const { messages, pairs, rounds, pauseMs } = order;
  const times: number[] = [];
  const sent: Sent[] = [];
  const perPair = Math.ceil(messages / pairs);
  // Every round uses other pairs, because the frames of a socket are limited.
  const lanesIn = (round: number) =>
    Array.from({ length: pairs }, (_, index) => pairAt(people, round * pairs + index)).flatMap((pair) =>
      lanesOf(pair, perPair, 1),
    );
  const lanes = Array.from({ length: rounds }, (_, round) => lanesIn(round).slice(0, messages));
  return tallyOf(people, lanes.flat(), async () => {
    for (const batch of lanes) {
      const began = performance.now();
      sent.push(...(await sendBatch(batch, people.violations.signal)));
      times.push(performance.now() - began);
      await sleep(pauseMs);
    }
    return { done: rounds, sent, receivedMs: times };
  });
}

type Seen = { done: number; sent: Sent[]; receivedMs: number[] };

/** Runs some work; returns its times and the increases of all counters. */
async function tallyOf(people: People, lanes: readonly Lane[], work: () => Promise<Seen>): Promise<Tally> {
  const conversations = [...new Set(lanes.map(({ conversation }) => conversation))];
  const before = { ...people.received, repeats: repeatsOf(conversations) };
  const began = performance.now();
  const { done, sent, receivedMs } = await work();
  const lastAt = sent.reduce((last, { receivedAt }) => Math.max(last, receivedAt ?? 0), began);
  return {
    done,
    deliveries: people.received.messages - before.messages,
    seconds: (lastAt - began) / 1_000,
    receivedMs: spreadOf(receivedMs),
    acceptedMs: spreadOf(
      sent.flatMap(({ sentAt, acceptedAt }) => (acceptedAt === null ? [] : [acceptedAt - sentAt])),
    ),
    frames: people.received.frames - before.frames,
    events: people.received.events - before.events,
    repeats: repeatsOf(conversations) - before.repeats,
  };
}

function repeatsOf(conversations: readonly Conversation[]): number {
  return conversations.reduce((sum, { repeats }) => sum + repeats, 0);
}

function pairAt({ pairs }: People, index: number): Conversation {
  const pair = pairs[index % pairs.length];
  if (pair === undefined) throw new Error("there are no pairs");
  return pair;
}
