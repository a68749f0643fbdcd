import type { Behaviour, Delivered } from "./queue-call.fixture.ts";

type Producer = { send(body: unknown, options?: { delaySeconds?: number }): Promise<void> };

const delivered: Delivered[] = [];
let behaviour: Behaviour = "take";
let batches = 0;

/** A Worker that sends to a queue and consumes it, as a test says. */
export default {
  async fetch(request, { QUEUE }) {
    const url = new URL(request.url);
    const delay = url.searchParams.get("delay");
    if (url.pathname === "/send") {
      for (const body of url.searchParams.getAll("body")) {
        await QUEUE.send(Number(body), delay === null ? {} : { delaySeconds: Number(delay) });
      }
    }
    if (url.pathname === "/behave") behaviour = (await request.text()) as Behaviour;
    return Response.json(delivered);
  },

  queue(batch) {
    batches += 1;
    for (const { body, attempts } of batch.messages)
      delivered.push({ body, attempts, at: Date.now(), batch: batches });
    const now = behaviour;
    behaviour = "take";
    if (now === "throw") throw new Error("on purpose");
    if (now === "retry") batch.retryAll({ delaySeconds: 0 });
    if (now === "retry-odd")
      for (const message of batch.messages) if (message.body % 2 === 1) message.retry();
  },
} satisfies ExportedHandler<{ QUEUE: Producer }, number>;
