import { Problem } from "../../lib/problem.ts";
import type { Outcome } from "../../lib/rpc/outcome.ts";
import type { UserId } from "../../schema/wire/ids.ts";
import type { ClientFrame } from "../../schema/wire/operation.ts";
import type { Api } from "./context.ts";

/** `Retry-After` when the log did not respond (seconds). */
const RETRY_AFTER = 1;

/**
 * Submits frames of a user that came over HTTP; returns an outcome for each, in order. Throws `unavailable` when logic or
 * the log does not respond: the frames may or may not be in the log then.
 */
export async function submitAs(api: Api, userId: UserId, frames: ClientFrame[]): Promise<Outcome<null>[]> {
  try {
    return await api.logic.submit(frames.map((frame) => ({ userId, frame })));
  } catch (fault) {
    api.log.error("submit failed", fault, { userId, frames: frames.length });
    throw new Problem("unavailable", { retryAfter: RETRY_AFTER });
  }
}

/** Submits one frame. Throws its refusal as a problem for the client. */
export async function submitOne(api: Api, userId: UserId, frame: ClientFrame): Promise<void> {
  const [outcome] = await submitAs(api, userId, [frame]);
  if (outcome === undefined) throw new Problem("internal_error");
  if (!outcome.ok) throw Problem.of(outcome);
}
