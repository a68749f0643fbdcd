import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import type { ConversationId } from "../../schema/wire/conversation-id.ts";
import type { Group } from "../../schema/wire/group.ts";
import { expectSound } from "../harness/history.ts";
import { isNotice, openClub, textOf } from "../harness/people.ts";
import { Device, postUntilAccepted } from "./device.ts";

/** The most messages of one writer that may wait for acceptance. */
const UNDER_WAY = 20;
/** The pause of a writer after each message: a steady load, and a history short enough to read (milliseconds). */
const REST_MS = 40;

/** A sender of numbered messages: the texts sent, in order, and the number accepted. */
type Writer = {
  name: string;
  underWay: number;
  send: (text: string) => Promise<void>;
  sent: string[];
  accepted: number;
};

/** A group whose members write continuously, over sockets and HTTP, and send unacknowledged messages again. */
export class Load {
  readonly devices: Device[];
  readonly group: Group;
  readonly #writers: Writer[];
  readonly #running: Promise<unknown>;
  #writing = true;

  private constructor(devices: Device[], group: Group) {
    this.devices = devices;
    this.group = group;
    this.#writers = devices.flatMap((device, index) => [
      this.#writer(`frame ${index}`, UNDER_WAY, (text) => device.write(this.#conversation, text)),
      // Concurrent HTTP requests have no order, so each waits for the response of the one before.
      this.#writer(`post ${index}`, 1, (text) => postUntilAccepted(device.client, this.#conversation, text)),
    ]);
    this.#running = Promise.all(this.#writers.map((writer) => this.#write(writer)));
  }

  /** Registers the people, connects a device of each, and starts the writing. */
  static async start(url: string, people: number): Promise<Load> {
    const { everybody, group } = await openClub(url, people - 1);
    return new Load(await Promise.all(everybody.map((client) => Device.open(client))), group);
  }

  /** The number of accepted messages. */
  get accepted(): number {
    return this.#writers.reduce((sum, { accepted }) => sum + accepted, 0);
  }

  /** Waits until this many further messages have been accepted. */
  async goesOn(count: number): Promise<void> {
    const goal = this.accepted + count;
    await expect.poll(() => this.accepted, { timeout: 90_000 }).toBeGreaterThanOrEqual(goal);
  }

  /** Ends the writing; returns when every sent message is accepted. */
  async stop(): Promise<void> {
    this.#writing = false;
    await this.#running;
  }

  /**
   * Expects history to contain every sent message once, without a gap and in each writer's order; and every device to have
   * all of them in the end, from its socket and its own syncs.
   */
  async expectKept(): Promise<void> {
    const history = async () => (await this.devices[0]?.client.wholeHistory(this.#conversation)) ?? [];
    const written = async () => (await history()).filter((message) => !isNotice(message));
    await expect
      .poll(async () => (await written()).length, { timeout: 90_000, interval: 1_000 })
      .toBe(this.accepted);
    const kept = await history();
    expectSound(kept);
    for (const { name, sent } of this.#writers) {
      expect(kept.map(textOf).filter((text) => text.startsWith(`${name}:`))).toEqual(sent);
    }
    for (const device of this.devices) {
      const has = () => device.messages(this.#conversation);
      await expect.poll(() => has().length, { timeout: 90_000 }).toBe(kept.length);
      expect(has()).toEqual(kept);
    }
  }

  close(): void {
    for (const device of this.devices) device.close();
  }

  get #conversation(): ConversationId {
    return this.group.conversation;
  }

  #writer(name: string, underWay: number, send: Writer["send"]): Writer {
    return { name, underWay, send, sent: [], accepted: 0 };
  }

  async #write(writer: Writer): Promise<void> {
    const waiting = new Set<Promise<void>>();
    while (this.#writing) {
      const text = `${writer.name}: ${writer.sent.length + 1}`;
      writer.sent.push(text);
      const accepted = writer.send(text).then(() => {
        writer.accepted++;
        waiting.delete(accepted);
      });
      waiting.add(accepted);
      if (waiting.size >= writer.underWay) await Promise.race(waiting);
      await sleep(REST_MS);
    }
    await Promise.all(waiting);
  }
}
