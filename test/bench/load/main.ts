/**
 * The load generator: a process of its own, so that what it costs can be told from what the system costs. It does what
 * its parent orders, one order at a time.
 */
import { serveParent } from "../helper.ts";
import { measureBare } from "./bare.ts";
import { follow } from "./follow.ts";
import { measureBatches, measureTalk } from "./measure.ts";
import type { Answer, Order, Reply } from "./orders.ts";
import { gatherPeople, type People } from "./people.ts";
import { Unfinished } from "./talk.ts";
import { verify } from "./verify.ts";

let gathered: People | undefined;

serveParent(
  async (order) => {
    const reply = await obey(order as Order).then(
      (answer): Reply => ({ ok: true, answer }),
      (fault: unknown): Reply => ({ ok: false, fault: String(fault instanceof Error ? fault.stack : fault) }),
    );
    process.send?.(reply);
  },
  () => {},
);

/** Carries an order out; whatever became of it, the violations since the last are told. */
async function obey(order: Order): Promise<Answer> {
  let done: Partial<Answer> = {};
  try {
    done = await carryOut(order);
  } catch (error) {
    if (!(error instanceof Unfinished)) throw error;
    if (error.message !== "") people().violations.add(error.message);
  }
  return { tally: null, followed: [], violations: gathered?.violations.take() ?? [], ...done };
}

async function carryOut(order: Order): Promise<Partial<Answer>> {
  switch (order.kind) {
    case "echo":
    case "broadcast":
      return { tally: await measureBare(order) };
    case "gather":
      gathered = await gatherPeople(order.url, order.deflate);
      return {};
    case "talk":
      return { tally: await measureTalk(people(), order) };
    case "batch":
      return { tally: await measureBatches(people(), order) };
    case "follow":
      return { followed: await follow(people(), order.messages) };
    case "verify":
      await verify(people());
      return {};
  }
}

function people(): People {
  if (gathered === undefined) throw new Error("there are no people yet");
  return gathered;
}
