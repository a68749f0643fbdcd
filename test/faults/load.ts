import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import type { ConversationId } from "../../schema/wire/conversation-id.ts";
import type { Group } from "../../schema/wire/group.ts";
import { expectSound } from "../harness/history.ts";
import { openClub, textOf } from "../harness/people.ts";
import { Device, postUntilAccepted } from "./device.ts";

/** How many messages of one writer may wait for their acceptance at once. */
const UNDER_WAY = 20;
/** How long a writer rests after each message: a steady load, and a history that can still be read. */
const REST_MS = 40;

/** Somebody who writes numbered messages: what they have sent, in order, and how many of it are accepted. */
type Writer = {
  name: string;
  underWay: number;
  send: (text: string) => Promise<void>;
  sent: string[];
  accepted: number;
};

/** A group whose members write all the time, over sockets and HTTP, and send again what nobody has acknowledged. */
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
      // Over HTTP the order is that of the answers, so one waits for the other.
      this.#writer(`post ${index}`, 1, (text) => postUntilAccepted(device.client, this.#conversation, text)),
    ]);
    this.#running = Promise.all(this.#writers.map((writer) => this.#write(writer)));
  }

  /** Registers the people, connects a device of each, and has them write. */
  static async start(url: string, people: number): Promise<Load> {
    const { everybody, group } = await openClub(url, people - 1);
    return new Load(await Promise.all(everybody.map((client) => Device.open(client))), group);
  }

  /** How many messages have been accepted. */
  get accepted(): number {
    return this.#writers.reduce((sum, { accepted }) => sum + accepted, 0);
  }

  /** Answers when so many more messages have been accepted. */
  async goesOn(count: number): Promise<void> {
    const goal = this.accepted + count;
    await expect.poll(() => this.accepted, { timeout: 90_000 }).toBeGreaterThanOrEqual(goal);
  }

  /** Ends the writing; answers when all that was sent is accepted. */
  async stop(): Promise<void> {
    this.#writing = false;
    await this.#running;
  }

  /**
   * Expects history to hold what was sent, once, without a gap and in each writer's order; and every device to have all
   * of it in the end, by its socket and by what it syncs of itself.
   */
  async expectKept(): Promise<void> {
    const history = () => this.devices[0]?.client.history(this.#conversation) ?? [];
    await expect
      .poll(async () => (await history()).length, { timeout: 90_000, interval: 1_000 })
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
