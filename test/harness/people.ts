import type { ConversationId } from "../../schema/wire/conversation-id.ts";
import type { Group } from "../../schema/wire/group.ts";
import type { Message } from "../../schema/wire/message.ts";
import { Client } from "./client.ts";
import type { Socket } from "./socket.ts";

/** Two friends with their conversation. */
export type Friends = { ada: Client; ben: Client; conversation: ConversationId };

/** Registers two people and makes them friends. */
export async function twoFriends(url: string): Promise<Friends> {
  const [ada, ben] = await Promise.all([
    Client.register(url, { name: "ada" }),
    Client.register(url, { name: "ben" }),
  ]);
  return { ada, ben, conversation: await ada.befriend(ben) };
}

/** A group with its owner and the other members. */
export type Club = { owner: Client; members: Client[]; everybody: Client[]; group: Group };

/** Registers an owner and this many others, who join the owner's new group one after the other. */
export async function openClub(url: string, others: number): Promise<Club> {
  const owner = await Client.register(url, { name: "owner" });
  const members = await Client.registerMany(url, others);
  const group = await owner.createGroup(`Club of ${owner.user.username}`);
  for (const member of members) await member.joinGroup(group);
  return { owner, members, everybody: [owner, ...members], group };
}

/** The messages of a conversation that a socket has received, in order, repeats included and notices left out. */
export function heard(socket: Socket, conversation: ConversationId): Message[] {
  return socket
    .all("message")
    .map(({ message }) => message)
    .filter((message) => message.conversation === conversation && !isNotice(message));
}

/** Whether a message is a notice of the server, and not somebody's. */
export function isNotice({ content }: Message): boolean {
  return content?.type === "notice";
}

/** The text of a message, or the URL of what it holds; nothing of a notice, or of one that was recalled. */
export function textOf({ content }: Message): string {
  if (content === null || content.type === "notice") return "";
  return content.type === "text" ? content.text : content.url;
}

/** The texts of a sender's numbered messages. */
export function numbered(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${name} ${index + 1}`);
}
