import { ServerEvent } from "../../../schema/wire/socket.ts";

/**
 * The events of a frame. The protocol may be extended: an event that this client does not know is passed over,
 * and does not take its neighbours with it.
 */
export function readFrame(data: string): ServerEvent[] {
  return items(data).flatMap((item) => {
    const event = ServerEvent.safeParse(item);
    return event.success ? [event.data] : [];
  });
}

function items(data: string): unknown[] {
  try {
    const frame: unknown = JSON.parse(data);
    return Array.isArray(frame) ? frame : [];
  } catch {
    return [];
  }
}
