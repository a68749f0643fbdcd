import { type LogEngine, LogUnavailable } from "../../../gateway/kafka/engine.ts";

const PORTION = 500;
/** How often a portion is tried: its topics may be there when its records are not yet. */
const ATTEMPTS = 5;

/** A record as a message is one. */
export const VALUE = "x".repeat(300);

/** The name of the topic of that number. */
export function topicOf(index: number): string {
  return `user.${7_000_000 + index}`;
}

/** Makes the topics of the numbers `from` to `to`, each with a record, until `end`; returns the number of the next one. */
export async function makeTopics(log: LogEngine, from: number, to: number, end: number): Promise<number> {
  let made = from;
  while (made < to && performance.now() < end) {
    const count = Math.min(PORTION, to - made);
    const records = Array.from({ length: count }, (_, index) => ({
      topic: topicOf(made + index),
      value: VALUE,
    }));
    await patiently(() => log.produce(records));
    made += count;
  }
  return made;
}

async function patiently(work: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; attempt < ATTEMPTS; attempt += 1) {
    try {
      await work();
      return;
    } catch (error) {
      if (!(error instanceof LogUnavailable)) throw error;
      console.error(`… ${error.message}; again`);
    }
  }
  await work();
}
