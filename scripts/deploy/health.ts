import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { Complaint, FAILED } from "../system/complaint.ts";

/** The parts of the health that are read: every layer and store has `ok`. */
const Health = z.record(z.string(), z.union([z.boolean(), z.looseObject({ ok: z.boolean() })]));

/** Waits until every layer and store of a deployed system is healthy; throws a complaint that names those that are not. */
export async function awaitHealth(url: string, patienceMs: number, everyMs = 2_000): Promise<void> {
  const until = Date.now() + patienceMs;
  for (;;) {
    const trouble = await troubleAt(`${url}/api/v1/health`);
    if (trouble === null) return;
    if (Date.now() > until) throw new Complaint(`The system is deployed, but ${trouble}.`, FAILED);
    await sleep(everyMs);
  }
}

async function troubleAt(address: string): Promise<string | null> {
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(10_000) });
    if (response.ok) {
      await response.body?.cancel();
      return null;
    }
    const health = Health.safeParse(await response.json().catch(() => undefined));
    if (!health.success) return `${address} returns ${response.status}`;
    const ill = Object.entries(health.data).filter(([, part]) => typeof part === "object" && !part.ok);
    return `${ill.map(([name]) => name).join(", ")} of it ${ill.length === 1 ? "is" : "are"} not healthy`;
  } catch (error) {
    return `${address} does not respond: ${error instanceof Error ? error.message : error}`;
  }
}
