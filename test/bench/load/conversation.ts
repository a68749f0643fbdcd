import type { ConversationId } from "../../../schema/wire/conversation-id.ts";
import type { Message } from "../../../schema/wire/message.ts";
import type { Device } from "./device.ts";
import type { Violations } from "./violations.ts";

/** The part of a device that a conversation uses. */
export type Member = Pick<Device, "userId" | "send">;

/** A message under way. */
export type Sent = {
  readonly senderId: string;
  readonly sentAt: number;
  acceptedAt: number | null;
  /** When the last device of others received it. */
  receivedAt: number | null;
  /** The number of devices of others that do not have it yet. */
  missing: number;
  readonly whenReceived: () => void;
};

/** A message as the first device received it; the other devices and history must have the same. */
type Known = { id: string; rev: number; clientId: string };
/** The position of a device in a conversation. */
type Place = { seq: number; rev: number };

/**
 * A conversation of the load. Each device must get every message once and in order: the next seq, with a higher rev. These
 * two comparisons per receipt are all, so checking costs next to nothing.
 */
export class Conversation {
  readonly id: ConversationId;
  readonly devices: readonly Member[];
  repeats = 0;
  readonly #violations: Violations;
  readonly #places: Map<Member, Place>;
  /** By client id: sent, and not yet compared with history. */
  readonly #sent = new Map<string, Sent>();
  /** Received since history was last compared, in rising seq. */
  #known: Known[] = [];
  /** The last seq that was compared with history. */
  #verified: number;

  /** `begun` is the number of messages that the conversation had before the load: the notices of a group. */
  constructor(id: ConversationId, devices: readonly Member[], violations: Violations, begun = 0) {
    this.id = id;
    this.devices = devices;
    this.#violations = violations;
    this.#places = new Map(devices.map((device) => [device, { seq: begun, rev: begun }]));
    this.#verified = begun;
  }

  /** The last seq that was found in history. */
  get verified(): number {
    return this.#verified;
  }

  /** Whether something was sent that has not been compared with history. */
  get isUnverified(): boolean {
    return this.#sent.size > 0 || this.#known.length > 0;
  }

  /** Sends a message; calls back when all devices of others have it. */
  send(sender: Member, text: string, whenReceived: () => void): Sent {
    const clientId = crypto.randomUUID();
    const sent: Sent = {
      senderId: sender.userId,
      sentAt: performance.now(),
      acceptedAt: null,
      receivedAt: null,
      missing: this.devices.length - 1,
      whenReceived,
    };
    this.#sent.set(clientId, sent);
    sender.send(this.id, clientId, text);
    return sent;
  }

  accepted(clientId: string): void {
    const sent = this.#sent.get(clientId);
    if (sent === undefined || sent.acceptedAt !== null) this.#complain(`${clientId} was accepted unasked`);
    else sent.acceptedAt = performance.now();
  }

  /** A device has received a message. */
  received(device: Member, { id, seq, rev, clientId }: Message): void {
    const place = this.#places.get(device);
    const sent = this.#sent.get(clientId);
    if (place === undefined) {
      this.#complain(`${device.userId} is no member and received ${id}`);
    } else if (seq <= place.seq) {
      this.#repeated(device, seq, id, rev);
    } else {
      if (seq > place.seq + 1) this.#complain(`${device.userId} received seq ${seq} after ${place.seq}`);
      if (rev <= place.rev) this.#complain(`${device.userId} received rev ${rev} after ${place.rev}`);
      place.seq = seq;
      place.rev = rev;
      this.#compare({ id, rev, clientId }, seq);
      if (sent === undefined) this.#complain(`${device.userId} received ${id}, which nobody sent`);
      else if (device.userId !== sent.senderId) this.#countReceipt(sent);
    }
  }

  /** Compares with the part of history that was not verified before. */
  verify(history: readonly Message[]): void {
    for (const [index, { id, seq, rev, clientId }] of history.entries()) {
      const expected = this.#verified + index + 1;
      if (seq !== expected) this.#complain(`history holds seq ${seq} in the place of ${expected}`);
      this.#compare({ id, rev, clientId }, expected);
      const sent = this.#sent.get(clientId);
      if (sent === undefined) this.#complain(`history holds ${id}, which was not sent, or is there twice`);
      else if (sent.acceptedAt === null) this.#complain(`${clientId} is in history and was never accepted`);
      this.#sent.delete(clientId);
    }
    const last = this.#verified + history.length;
    for (const [clientId, { acceptedAt }] of this.#sent) {
      this.#complain(
        `${clientId} was ${acceptedAt === null ? "neither accepted nor rejected" : "accepted"} and is not in history`,
      );
    }
    for (const [device, place] of this.#places) {
      if (place.seq !== last)
        this.#complain(`${device.userId} has received up to seq ${place.seq} of ${last}`);
    }
    this.#sent.clear();
    this.#known = [];
    this.#verified = last;
  }

  #countReceipt(sent: Sent): void {
    sent.missing -= 1;
    if (sent.missing > 0) return;
    sent.receivedAt = performance.now();
    sent.whenReceived();
  }

  #repeated(device: Member, seq: number, id: string, rev: number): void {
    const known = this.#known[seq - this.#verified - 1];
    this.repeats += 1;
    // Verified messages are not kept, so such a late repeat is only counted.
    if (known === undefined || (known.id === id && known.rev === rev)) return;
    this.#complain(`${device.userId} received seq ${seq} again, as ${id} rev ${rev} and not ${known.id}`);
  }

  /** Notes what the first device has received under a seq; all others must have received the same. */
  #compare(message: Known, seq: number): void {
    const index = seq - this.#verified - 1;
    const known = this.#known[index];
    if (known === undefined) this.#known[index] = message;
    else if (known.id !== message.id || known.rev !== message.rev || known.clientId !== message.clientId) {
      this.#complain(
        `seq ${seq} is ${message.id} rev ${message.rev} here and ${known.id} rev ${known.rev} there`,
      );
    }
  }

  #complain(violation: string): void {
    this.#violations.add(`${this.id}: ${violation}`);
  }
}
