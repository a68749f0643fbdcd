import { expect } from "vitest";
import type { ConversationId } from "../../schema/wire/conversation-id.ts";
import type { UserId } from "../../schema/wire/ids.ts";
import type { Message } from "../../schema/wire/message.ts";
import { Client } from "../harness/client.ts";
import { Device } from "./device.ts";
import { eventually } from "./eventually.ts";
import { Model } from "./model.ts";

/** A person's two devices. */
export type Devices = readonly [Device, Device];

/** The people of the model with their devices, in the running system. */
export class World {
  readonly #devices: ReadonlyMap<UserId, Devices>;

  private constructor(devices: ReadonlyMap<UserId, Devices>) {
    this.#devices = devices;
  }

  /** Registers people with two connected devices each. */
  static async open(url: string, count: number): Promise<{ model: Model; real: World }> {
    const people = await Promise.all(
      (await Client.registerMany(url, count)).map(async (client): Promise<[UserId, Devices]> => {
        const devices: Devices = [new Device(client), new Device(await client.loginAgain())];
        await Promise.all(devices.map((device) => device.connect()));
        return [client.user.id, devices];
      }),
    );
    return { model: new Model(people.map(([userId]) => userId)), real: new World(new Map(people)) };
  }

  devices(userId: UserId): Devices {
    const devices = this.#devices.get(userId);
    if (devices === undefined) throw new Error(`${userId} is not of this world`);
    return devices;
  }

  /** A person's requests, which need no socket. */
  client(userId: UserId): Client {
    return this.devices(userId)[0].client;
  }

  all(): Device[] {
    return [...this.#devices.values()].flat();
  }

  /** The code with which a request is refused, or null. */
  async refusal(userId: UserId, ...request: Parameters<Client["ask"]>): Promise<string | null> {
    const { status, body } = await this.client(userId).ask<{ code?: string } | null>(...request);
    return status < 400 ? null : (body?.code ?? String(status));
  }

  /**
   * Waits until a conversation has this many revs more than the model; returns the messages that have changed, in the order
   * of their revs. Nothing else that the reader can see may have changed.
   */
  async changes(model: Model, readerId: UserId, id: ConversationId, count = 1): Promise<Message[]> {
    const revs = model.revsOf(readerId);
    const rev = (revs[id] ?? 0) + count;
    const changed = await eventually(`rev ${rev} of ${id}`, async () => {
      const { conversations } = await this.client(readerId).sync(revs);
      const found = conversations.find((one) => one.id === id);
      return found !== undefined && found.rev >= rev ? conversations : null;
    });
    const news = changed.filter(({ rev, id }) => rev > (revs[id] ?? 0));
    expect(news.map(({ id, rev }) => [id, rev])).toEqual([[id, rev]]);
    return news.flatMap(({ messages }) => messages);
  }

  async close(): Promise<void> {
    await Promise.all(this.all().map((device) => device.disconnect()));
  }
}
