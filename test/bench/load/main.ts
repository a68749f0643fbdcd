/**
 * The load generator: a separate process, so that its CPU time is measured apart from the system's. It carries out the orders
 * of its parent, one at a time.
 */
import { serveParent } from "../helper.ts";
import { measureBare } from "./bare.ts";
import { follow } from "./follow.ts";
import { measureBatches, measureTalk } from "./measure.ts";
import type { Order, OrderResult, Reply } from "./orders.ts";
import { gatherPeople, type People } from "./people.ts";
import { Unfinished } from "./talk.ts";
import { verify } from "./verify.ts";

let gathered: People | undefined;

serveParent(
  async (order) => {
    const reply = await obey(order as Order).then(
      (result): Reply => ({ ok: true, result }),
      (fault: unknown): Reply => ({ ok: false, fault: String(fault instanceof Error ? fault.stack : fault) }),
    );
    process.send?.(reply);
  },
  () => {},
);

/** Carries out an order; the result always has the violations since the last one. */
async function obey(order: Order): Promise<OrderResult> {
  let done: Partial<OrderResult> = {};
  try {
    done = await carryOut(order);
  } catch (error) {
    if (!(error instanceof Unfinished)) throw error;
    if (error.message !== "") people().violations.add(error.message);
  }
  return { tally: null, followed: [], violations: gathered?.violations.take() ?? [], ...done };
}

async function carryOut(order: Order): Promise<Partial<OrderResult>> {
  switch (order.kind) {
    case "echo":
    case "broadcast":
      return { tally: await measureBare(order) };
    case "gather":
      gathered = await gatherPeople(order);
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
