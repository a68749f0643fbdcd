import { type ConversationId, groupConversation } from "../../../schema/wire/conversation-id.ts";
import type { Group } from "../../../schema/wire/group.ts";
import type { UserId } from "../../../schema/wire/ids.ts";
import type { ServerEvent } from "../../../schema/wire/socket.ts";
import { Client } from "../../harness/client.ts";
import { Device } from "../device.ts";
import type { Heard, SocketHistory } from "./history.ts";

/** How many people there are; the first half has two devices each. */
const PEOPLE = 8;
/** How many of them come into and leave the groups again and again. */
const WANDERERS = 2;

/** Somebody with their devices. */
export type Person = { client: Client; devices: NamedDevice[] };
export type NamedDevice = { name: string; device: Device };

/** The people of a run, who are friends in a ring and members of groups. */
export type World = {
  people: Person[];
  /** Those of the people who come and go. */
  wanderers: Person[];
  groups: Group[];
  /** What each socket has got. */
  sockets: SocketHistory[];
  /** The direct conversations and the groups' in which somebody is to the end. */
  conversationsOf: (userId: UserId) => ConversationId[];
};

/** Registers the people, makes friends and groups, and connects the devices. */
export async function openWorld(url: string): Promise<World> {
  const clients = await Client.registerMany(url, PEOPLE);
  const direct = await Promise.all(
    clients.map(async (client, index) => {
      const friend = clients[(index + 1) % clients.length] ?? client;
      return { members: [client.user.id, friend.user.id], conversation: await client.befriend(friend) };
    }),
  );
  const founded = await Promise.all([
    found(clients, "Everybody"),
    found(clients.slice(0, PEOPLE / 2), "First half"),
    found(
      clients.filter((_, index) => index % 2 === 0 || index >= PEOPLE - WANDERERS),
      "Every other one",
    ),
  ]);
  const sockets: SocketHistory[] = [];
  const people = await Promise.all(
    clients.map(async (client, index) => {
      const sessions = index < PEOPLE / 2 ? [client, await client.loginAgain()] : [client];
      const devices = sessions.map(async (session, place) =>
        connect(session, `person ${index} device ${place}`, sockets),
      );
      return { client, devices: await Promise.all(devices) };
    }),
  );
  const wanderers = people.slice(-WANDERERS);
  const isWanderer = (userId: UserId) => wanderers.some(({ client }) => client.user.id === userId);
  return {
    ...{ people, wanderers, sockets, groups: founded.map(({ group }) => group) },
    conversationsOf: (userId) => [
      ...direct.filter(({ members }) => members.includes(userId)).map(({ conversation }) => conversation),
      ...founded
        .filter(({ members }) => members.includes(userId) && !isWanderer(userId))
        .map(({ group }) => group.conversation),
    ],
  };
}

async function found([owner, ...others]: readonly Client[], name: string) {
  if (owner === undefined) throw new Error(`nobody founds ${name}`);
  const group = await owner.createGroup(name);
  for (const other of others) await other.joinGroup(group);
  return { group, members: [owner, ...others].map(({ user }) => user.id) };
}

async function connect(client: Client, name: string, sockets: SocketHistory[]): Promise<NamedDevice> {
  let heard: Heard[] = [];
  const device = await Device.open(client, {
    opened: () => {
      heard = [];
      sockets.push({ device: name, userId: client.user.id, openedAt: Date.now(), heard });
    },
    heard: (event) => {
      const one = heardOf(event);
      if (one !== null) heard.push(one);
    },
  });
  return { name, device };
}

function heardOf(event: ServerEvent): Heard | null {
  const at = Date.now();
  switch (event.ev) {
    case "message":
      return { kind: "message", at, conversation: event.message.conversation, rev: event.message.rev };
    case "group.joined":
      return { kind: "joined", at, conversation: event.group.conversation };
    case "group.left":
      return { kind: "left", at, conversation: groupConversation(event.groupId) };
    default:
      return null;
  }
}
