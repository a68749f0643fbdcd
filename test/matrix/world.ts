import { randomUUID } from "node:crypto";
import type { ConversationId } from "../../schema/wire/conversation-id.ts";
import { directConversation } from "../../schema/wire/conversation-id.ts";
import type { FriendRequest } from "../../schema/wire/friend.ts";
import type { Group } from "../../schema/wire/group.ts";
import type { MessageId } from "../../schema/wire/ids.ts";
import type { Message } from "../../schema/wire/message.ts";
import { Client } from "../harness/client.ts";

/** Everybody who may ask, by what they are to the owner of a group or in it. `nobody` has no token. */
export const CALLERS = [
  "nobody",
  "stranger",
  "blocked",
  "friend",
  "member",
  "muted",
  "admin",
  "owner",
] as const;
export type Caller = (typeof CALLERS)[number];
export type Person = Exclude<Caller, "nobody">;

const IN_GROUP = ["member", "muted", "admin", "owner"] as const satisfies readonly Person[];

/** A group whose joining needs approval, everybody around it, and a message of each member in it. */
export type World = {
  url: string;
  people: Record<Person, Client>;
  group: Group;
  conversation: ConversationId;
  /** A message in the group of each who is in it; of the owner for everybody else. */
  messages: Record<Person, MessageId>;
};

/** Makes a world of people of its own. */
export async function makeWorld(url: string): Promise<World> {
  const [stranger, blocked, friend, member, muted, admin, owner] = await registerAll(url);
  const people = { stranger, blocked, friend, member, muted, admin, owner };
  const [group] = await Promise.all([
    owner.createGroup("Matrix"),
    owner.befriend(friend),
    owner.do("PUT", `/blocks/${blocked.user.id}`),
  ]);
  for (const one of [member, muted, admin]) await one.joinGroup(group);
  await owner.do("PATCH", `/groups/${group.id}/members/${admin.user.id}`, { role: "admin" });
  const own = await Promise.all(
    IN_GROUP.map(async (name) => [name, await write(people[name], group.conversation)] as const),
  );
  const written = Object.fromEntries(own) as Record<(typeof IN_GROUP)[number], MessageId>;
  await owner.do("PATCH", `/groups/${group.id}/members/${muted.user.id}`, {
    mutedUntil: "2999-01-01T00:00:00.000Z",
  });
  await owner.do("PATCH", `/groups/${group.id}`, { joinPolicy: "approval" });
  const messages = { stranger: written.owner, blocked: written.owner, friend: written.owner, ...written };
  return { url, people, group, conversation: group.conversation, messages };
}

/** Another person who has joined the group, to be changed or removed. */
export async function anotherMember({ url, people, group }: World): Promise<Client> {
  const other = await Client.register(url);
  await other.ask("PUT", `/groups/${group.id}/members/me`);
  await people.owner.do("POST", `/groups/${group.id}/requests/${other.user.id}/accept`);
  return other;
}

/** Another person who waits to be let into the group. */
export async function applicant({ url, group }: World): Promise<Client> {
  const other = await Client.register(url);
  await other.ask("PUT", `/groups/${group.id}/members/me`);
  return other;
}

/** A friend request from somebody new. */
export async function requestTo(client: Client): Promise<FriendRequest> {
  const asker = await Client.register(client.url);
  return asker.do("POST", "/friends/requests", { userId: client.user.id });
}

/** The direct conversation of somebody with the owner; of the friend for the owner, and for nobody. */
export function directWithOwner({ people }: World, caller: Caller): ConversationId {
  const other = caller === "nobody" || caller === "owner" ? people.friend : people[caller];
  return directConversation(people.owner.user.id, other.user.id);
}

/** Writes a message and returns its id once it is stored. */
export async function write(client: Client, conversation: ConversationId): Promise<MessageId> {
  const clientId = await client.post(conversation, "hello");
  for (;;) {
    const { items } = await client.do<{ items: Message[] }>(
      "GET",
      `/conversations/${conversation}/messages?limit=50`,
    );
    const stored = items.find((message) => message.clientId === clientId);
    if (stored !== undefined) return stored.id;
  }
}

/** A text to send. */
export function text() {
  return { clientId: randomUUID(), content: { type: "text", text: "hello" } };
}

async function registerAll(url: string) {
  const all = await Client.registerMany(url, 7);
  return all as [Client, Client, Client, Client, Client, Client, Client];
}
