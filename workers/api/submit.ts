import { Problem } from "../../lib/problem.ts";
import type { Outcome } from "../../lib/rpc/outcome.ts";
import type { UserId } from "../../schema/wire/ids.ts";
import type { ClientFrame } from "../../schema/wire/operation.ts";
import type { Api } from "./context.ts";

/** How soon to submit again when the log did not respond, in seconds. */
const RETRY_AFTER = 1;

/**
 * Submits what somebody sends over HTTP, as a bucket does for what comes over a socket. Throws the problem
 * `unavailable` when logic or the log does not respond: then the outcome is unknown.
 */
export async function submitAs(api: Api, userId: UserId, frames: ClientFrame[]): Promise<Outcome<null>[]> {
  try {
    return await api.logic.submit(frames.map((frame) => ({ userId, frame })));
  } catch (fault) {
    api.log.error("submit failed", fault, { userId, frames: frames.length });
    throw new Problem("unavailable", { retryAfter: RETRY_AFTER });
  }
}

/** The same for a single frame, whose refusal becomes the problem that the client gets. */
export async function submitOne(api: Api, userId: UserId, frame: ClientFrame): Promise<void> {
  const [outcome] = await submitAs(api, userId, [frame]);
  if (outcome === undefined) throw new Problem("internal_error");
  if (!outcome.ok) throw Problem.of(outcome);
}
