import type { Followed } from "../load/orders.ts";
import { quantile } from "../load/spread.ts";
import type { TracedRequest } from "./trace.ts";

/** A step of a message: medians over many messages, in milliseconds since it was sent. */
export type Step = { label: string; startedAt: number; endedAt: number };

/** The most common sequence of steps, and the number of messages with it. */
export type Timeline = { steps: Step[]; messages: number; of: number };

/** Assigns the requests to their messages, and makes a timeline of the most common sequence of steps. */
export function timelineOf(messages: readonly Followed[], requests: readonly TracedRequest[]): Timeline {
  const lives = messages.map((message, index) =>
    lifeOf(message, messages[index + 1]?.sentAt ?? Number.POSITIVE_INFINITY, requests),
  );
  // By label first: concurrent steps begin in either order and still count as the same sequence.
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

/** All steps from the sending of a message until that of the next one, by label and then by time. */
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
