import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { ConversationId } from "../../../schema/wire/conversation-id.ts";
import { ClientId, type UserId } from "../../../schema/wire/ids.ts";
import type { Operation } from "../../../schema/wire/operation.ts";
import type { ApiResponse } from "../../harness/client.ts";
import { type Device, untilItWorks } from "../device.ts";
import type { Performed } from "./history.ts";
import type { Random } from "./random.ts";
import type { NamedDevice, Person, World } from "./world.ts";

/** The most operations of one device that may wait for their responses. */
const UNDER_WAY = 20;
/** The longest pause of a device after an operation (milliseconds). */
const REST_MS = 60;
/** How long a wanderer stays where it is (milliseconds). */
const STAY_MS = [500, 5_000] as const;
/** Changes are made of so many messages, the newest ones. */
const RECENT = 30;
const EMOJI = ["👍", "❤️", "😂", "🎉", "😮"] as const;

/** Everybody performs operations, until the end. */
export class Workload {
  readonly performed: Performed[] = [];
  readonly #world: World;
  readonly #running: Promise<unknown>;
  #isOver = false;

  constructor(world: World, random: Random) {
    this.#world = world;
    const devices = world.people.flatMap(({ client, devices }) =>
      devices.map((device) => this.#work(client.user.id, device, random.child())),
    );
    const wanderers = world.wanderers.map((person) => this.#wander(person, random.child()));
    this.#running = Promise.all([...devices, ...wanderers]);
  }

  /** How many operations have been accepted. */
  get accepted(): number {
    return this.performed.filter(({ outcome }) => outcome === "accepted").length;
  }

  /** Ends the work; returns when every operation has its response. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#running;
  }

  async #work(userId: UserId, { name, device }: NamedDevice, random: Random): Promise<void> {
    const waiting = new Set<Promise<void>>();
    while (!this.#isOver) {
      const operation = this.#next(userId, device, random);
      const entry: Performed = { author: name, userId, operation, outcome: "open" };
      this.performed.push(entry);
      const settled = device.perform(operation).then((outcome) => {
        entry.outcome = outcome;
        waiting.delete(settled);
      });
      waiting.add(settled);
      if (waiting.size >= UNDER_WAY) await Promise.race(waiting);
      await sleep(random.between(1, REST_MS));
    }
    await Promise.all(waiting);
  }

  /** Mostly a new message; else a change of one that the device has, or a message where its person may not write. */
  #next(userId: UserId, device: Device, random: Random): Operation {
    const clientId = ClientId.parse(randomUUID());
    const chance = random.between(1, 100);
    const conversation = random.oneOf(this.#world.conversationsOf(userId));
    if (conversation === undefined) throw new Error(`${userId} is in no conversation`);
    if (chance <= 3) return text(this.#foreign(userId, random) ?? conversation, clientId);
    if (chance <= 70) return text(conversation, clientId);
    const written = device.recent(conversation, RECENT).filter(({ content }) => content?.type === "text");
    // Of people with one device, whose changes of a message therefore have one order.
    const own = written.filter(({ senderId }) => senderId === userId && this.#hasOneDevice(userId));
    const target = random.oneOf(chance <= 82 ? own : written);
    if (target === undefined) return text(conversation, clientId);
    const base = { conversation, clientId, messageId: target.id };
    if (chance <= 78) return { op: "edit", ...base, content: { type: "text", text: `edited ${clientId}` } };
    if (chance <= 82) return { op: "recall", ...base };
    return { op: "react", ...base, emoji: random.oneOf(EMOJI) ?? "👍", on: true };
  }

  #hasOneDevice(userId: UserId): boolean {
    return this.#world.people.find(({ client }) => client.user.id === userId)?.devices.length === 1;
  }

  /** A conversation of two others. */
  #foreign(userId: UserId, random: Random): ConversationId | undefined {
    const own = this.#world.conversationsOf(userId);
    const all = this.#world.people.flatMap(({ client }) => this.#world.conversationsOf(client.user.id));
    return random.oneOf([...new Set(all)].filter((id) => id.startsWith("dm:") && !own.includes(id)));
  }

  /** Leaves a group and comes back, again and again; is a member in the end. */
  async #wander({ client }: Person, random: Random): Promise<void> {
    const groups = this.#world.groups;
    while (!this.#isOver) {
      const group = random.oneOf(groups);
      if (group === undefined) return;
      const path = `/groups/${group.id}/members/me`;
      await untilDone(() => client.ask("DELETE", path));
      await sleep(random.between(...STAY_MS));
      await untilDone(() => client.ask("PUT", path));
      await sleep(random.between(...STAY_MS));
    }
  }
}

function text(conversation: ConversationId, clientId: ClientId): Operation {
  return { op: "send", conversation, clientId, content: { type: "text", text: `text ${clientId}` } };
}

/** Repeats a request until there is a response; a repeated one may find that it was carried out. */
async function untilDone(ask: () => Promise<ApiResponse<unknown>>): Promise<void> {
  await untilItWorks(async () => {
    const { status } = await ask();
    if (status === 429 || status >= 500) throw new Error(`${status}`);
  });
}
