import type { ConversationId } from "../../../schema/wire/conversation-id.ts";
import { until } from "../../../scripts/system/until.ts";
import { Client } from "../../harness/client.ts";
import { Conversation } from "./conversation.ts";
import { Device, type Listeners, type Received } from "./device.ts";
import type { Order } from "./orders.ts";
import { Violations } from "./violations.ts";

type Gathering = Extract<Order, { kind: "gather" }>;

/** The number of people: friends in pairs, and all of them in one group. */
const PEOPLE = 100;
/** The most concurrent requests of the preparation. */
const AT_ONCE = 8;
/** How long the notices of the joins may take (milliseconds). */
const NOTICES_MS = 60_000;

/** The people of a load, by their conversations. */
export type People = {
  pairs: Conversation[];
  group: Conversation;
  /** The API clients, by user id. */
  clients: Map<string, Client>;
  received: Received;
  violations: Violations;
};

/** Registers the people, makes the friendships and the group, and then opens a socket for each. */
export async function gatherPeople({ url, deflate, sockets }: Gathering): Promise<People> {
  const violations = new Violations();
  const received: Received = { frames: 0, events: 0, messages: 0 };
  const conversations = new Map<ConversationId, Conversation>();

  const clients = await eachOf(Array(PEOPLE).fill(url), (at: string) => Client.register(at));
  const pairs = await eachOf(pairsOf(clients), ([one, other]) => one.befriend(other));
  const group = await join(clients);
  const notices = await noticesOf(group, clients);
  const listeners = listenersOf(conversations, violations);
  const devices = await eachOf(clients, (client) =>
    Device.open(client, { deflate, sockets }, listeners, received, violations),
  );

  const converse = (id: ConversationId, members: readonly Device[], begun = 0) => {
    const conversation = new Conversation(id, members, violations, begun);
    conversations.set(id, conversation);
    return conversation;
  };
  return {
    pairs: pairs.map((id, index) => converse(id, devices.slice(2 * index, 2 * index + 2))),
    group: converse(group, devices, notices),
    clients: new Map(clients.map((client) => [client.user.id, client])),
    received,
    violations,
  };
}

async function join([owner, ...others]: readonly Client[]): Promise<ConversationId> {
  if (owner === undefined) throw new Error("a group needs an owner");
  const group = await owner.createGroup("Everybody");
  await eachOf(others, (client) => client.joinGroup(group));
  return group.conversation;
}

/** How many notices the group begins with: of its creation and of each join. Returns once all are stored. */
async function noticesOf(group: ConversationId, [owner, ...others]: readonly Client[]): Promise<number> {
  const notices = 1 + others.length;
  const lastSeq = async () =>
    (await owner?.conversations())?.find(({ id }) => id === group)?.lastSeq === notices;
  await until(lastSeq, AbortSignal.timeout(NOTICES_MS));
  return notices;
}

/** Passes what devices receive to the conversations. */
function listenersOf(
  conversations: ReadonlyMap<ConversationId, Conversation>,
  violations: Violations,
): Listeners {
  return {
    message: (device, message) => {
      const conversation = conversations.get(message.conversation);
      if (conversation === undefined)
        violations.add(`a message of the unknown conversation ${message.conversation}`);
      else conversation.received(device, message);
    },
    accepted: (id, clientId) => conversations.get(id)?.accepted(clientId),
    rejected: (clientId, code) => violations.add(`${clientId} was rejected: ${code}`),
  };
}

function pairsOf<Item>(items: readonly Item[]): [Item, Item][] {
  return items.flatMap((item, index) => {
    const next = items[index + 1];
    return index % 2 === 0 && next !== undefined ? [[item, next] as [Item, Item]] : [];
  });
}

/** Does something for each item, some concurrently; returns the results in the order of the items. */
async function eachOf<Item, Value>(
  items: readonly Item[],
  work: (item: Item) => Promise<Value>,
): Promise<Value[]> {
  const values: Value[] = [];
  const queue = items.entries();
  const worker = async () => {
    for (const [index, item] of queue) values[index] = await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return values;
}
