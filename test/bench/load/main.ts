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

/** Carries an order out; whatever it was, the violations since the last are told. */
async function obey(order: Order): Promise<Answer> {
  const done: Partial<Answer> = {};
  switch (order.kind) {
    case "echo":
    case "broadcast":
      done.tally = await measureBare(order);
      break;
    case "gather":
      gathered = await gatherPeople(order.url, order.deflate);
      break;
    case "talk":
      done.tally = await measureTalk(people(), order);
      break;
    case "batch":
      done.tally = await measureBatches(people(), order);
      break;
    case "follow":
      done.followed = await follow(people(), order.messages);
      break;
    case "verify":
      await verify(people());
      break;
  }
  return { tally: null, followed: [], violations: gathered?.violations.take() ?? [], ...done };
}

function people(): People {
  if (gathered === undefined) throw new Error("there are no people yet");
  return gathered;
}
