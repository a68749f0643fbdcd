import { z } from "zod";
import { ServerEvent } from "../../../schema/wire/socket.ts";
import { AnyProblem } from "./problem.ts";

/**
 * A refusal, whatever its code: a message whose refusal were passed over would be sent again for ever.
 * `retryAfter` is in seconds.
 */
const Refusal = z.discriminatedUnion("ev", [
  z.object({
    ev: z.literal("rejected"),
    clientId: z.string(),
    problem: AnyProblem,
    retryAfter: z.number().optional(),
  }),
  z.object({ ev: z.literal("error"), problem: AnyProblem }),
]);
type Refusal = z.infer<typeof Refusal>;

/** What arrives on the socket, as this client understands it. */
export type SocketEvent = Exclude<ServerEvent, { ev: Refusal["ev"] }> | Refusal;

/**
 * The events of a frame. The protocol may be extended: an event that this client does not know is passed over,
 * and does not take its neighbours with it.
 */
export function readFrame(data: string): SocketEvent[] {
  return items(data).flatMap(readEvent);
}

function readEvent(item: unknown): SocketEvent[] {
  const refusal = Refusal.safeParse(item);
  if (refusal.success) return [refusal.data];
  const event = ServerEvent.safeParse(item);
  if (!event.success || event.data.ev === "rejected" || event.data.ev === "error") return [];
  return [event.data];
}

function items(data: string): unknown[] {
  try {
    const frame: unknown = JSON.parse(data);
    return Array.isArray(frame) ? frame : [];
  } catch {
    return [];
  }
}
