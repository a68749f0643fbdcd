import type { ConversationId } from "../../../schema/wire/conversation-id.ts";
import type { Frame } from "./socket.ts";

/**
 * How far this person has read, where the server has not confirmed it. A mark that is sent on the socket can be lost:
 * it is sent again on each new connection until the server's `read` event confirms it.
 */
export class ReadMarks {
  readonly #transmit: (frame: Frame) => boolean;
  readonly #marks = new Map<ConversationId, number>();

  constructor(transmit: (frame: Frame) => boolean) {
    this.#transmit = transmit;
  }

  mark(conversation: ConversationId, seq: number): void {
    if (seq <= (this.#marks.get(conversation) ?? 0)) return;
    this.#marks.set(conversation, seq);
    this.#transmit({ op: "read", conversation, seq });
  }

  /** A new connection is ready. */
  connected(): void {
    for (const [conversation, seq] of this.#marks) this.#transmit({ op: "read", conversation, seq });
  }

  /** The server has stored that this person has read so far. */
  confirm(conversation: ConversationId, seq: number): void {
    if (seq >= (this.#marks.get(conversation) ?? Number.POSITIVE_INFINITY)) this.#marks.delete(conversation);
  }
}
