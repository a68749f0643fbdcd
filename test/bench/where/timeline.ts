import type { Followed } from "../load/orders.ts";
import { quantile } from "../load/spread.ts";
import type { TracedRequest } from "./trace.ts";

/** Something in the life of a message: medians of many, in milliseconds since it was sent. */
export type Step = { label: string; startedAt: number; endedAt: number };

/** The steps that most messages took, and how many did. */
export type Timeline = { steps: Step[]; messages: number; of: number };

/** Puts the requests to their messages, and what most messages have in common into one line of time. */
export function timelineOf(messages: readonly Followed[], requests: readonly TracedRequest[]): Timeline {
  const lives = messages.map((message, index) =>
    lifeOf(message, messages[index + 1]?.sentAt ?? Number.POSITIVE_INFINITY, requests),
  );
  // By label first: two steps that run side by side begin in either order, and are the same steps.
  const alike = Map.groupBy(lives, (life) => life.map(({ label }) => label).join("\n"));
  const usual = [...alike.values()].sort((one, other) => other.length - one.length)[0] ?? [];
  const steps = (usual[0] ?? []).map(({ label }, index) => ({
    label,
    startedAt: medianAt(usual, index, ({ startedAt }) => startedAt),
    endedAt: medianAt(usual, index, ({ endedAt }) => endedAt),
  }));
  steps.sort((one, other) => one.startedAt - other.startedAt);
  return { steps, messages: usual.length, of: lives.length };
}

/** All that happened from the sending of a message until the next was sent, by label and then by time. */
function lifeOf(
  { sentAt, acceptedAt, receivedAt }: Followed,
  until: number,
  requests: readonly TracedRequest[],
): Step[] {
  const own = requests.filter(({ startedAt }) => startedAt >= sentAt && startedAt < until);
  const moments = [
    { label: "accepted", startedAt: acceptedAt, endedAt: acceptedAt },
    { label: "received", startedAt: receivedAt, endedAt: receivedAt },
  ];
  return [...own, ...moments]
    .sort((one, other) => compare(one.label, other.label) || one.startedAt - other.startedAt)
    .map(({ label, startedAt, endedAt }) => ({
      label,
      startedAt: startedAt - sentAt,
      endedAt: endedAt - sentAt,
    }));
}

function medianAt(lives: readonly Step[][], index: number, timeOf: (step: Step) => number): number {
  const times = lives.flatMap((life) => (life[index] === undefined ? [] : [timeOf(life[index])]));
  return quantile(Float64Array.from(times).sort(), 0.5);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
