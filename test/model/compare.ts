import { expect, vi } from "vitest";
import type { Conversation } from "../../schema/wire/conversation.ts";
import type { ConversationId } from "../../schema/wire/conversation-id.ts";
import type { Friend } from "../../schema/wire/friend.ts";
import type { Member } from "../../schema/wire/group.ts";
import type { MessageId, UserId } from "../../schema/wire/ids.ts";
import type { Message } from "../../schema/wire/message.ts";
import type { Page } from "../../schema/wire/page.ts";
import type { User } from "../../schema/wire/user.ts";
import type { ConversationModel } from "./conversation-model.ts";
import type { Device } from "./device.ts";
import type { Listed, Model } from "./model.ts";
import type { World } from "./world.ts";

/** How long a connected device may take to hear of everything (milliseconds). */
const PATIENCE = { timeout: 20_000, interval: 20 };

/** Expects everything that the people of the model can see to be as in the model, on each device. */
export async function compareAll(model: Model, world: World): Promise<void> {
  await Promise.all(model.people.map((userId) => comparePerson(model, world, userId)));
}

async function comparePerson(model: Model, world: World, userId: UserId): Promise<void> {
  await compareList(model, world, userId);
  await comparePeople(model, world, userId);
  for (const conversation of model.conversationsOf(userId)) await compareStored(world, userId, conversation);
  for (const device of world.devices(userId)) {
    if (device.isConnected) {
      await vi.waitFor(() => compareDevice(model, userId, device), PATIENCE);
      // Each change has come on the socket: no rev has skipped ahead.
      expect(device.gaps).toBe(0);
    }
    await device.resume();
    compareDevice(model, userId, device);
  }
}

/** Expects `GET /conversations` to be as in the model, the latest first. */
export async function compareList(model: Model, world: World, userId: UserId): Promise<void> {
  const listed = await world.client(userId).conversations();
  const expected = model.conversationsOf(userId);
  expect(byId(listed, toListed)).toEqual(byId(expected, (one) => model.listed(userId, one)));
  const ids = listed.flatMap(({ id }) => model.conversations.get(id)?.lastMessageId ?? []);
  expect(ids).toEqual([...ids].sort(latestFirst));
}

/** Expects a device to show what the model has. */
export function compareDevice(model: Model, userId: UserId, device: Device): void {
  const conversations = model.conversationsOf(userId);
  const view = (of: (conversation: ConversationModel) => unknown) => byId(conversations, of);
  expect([...device.conversations].sort()).toEqual(conversations.map(({ id }) => id).sort());
  expect(view(({ id }) => device.messages(id).map(withoutHidden(model, userId)))).toEqual(
    view((one) => one.historyOf(userId).map(withoutHidden(model, userId))),
  );
  expect(view(({ id }) => device.unread(id))).toEqual(view((one) => one.unreadOf(userId).length));
  expect(view(({ id }) => device.settings(id))).toEqual(view((one) => one.member(userId).settings));
}

/** Expects history, pins and members of a conversation to be as in the model. */
async function compareStored(world: World, userId: UserId, conversation: ConversationModel): Promise<void> {
  const client = world.client(userId);
  const { id, group, members } = conversation;
  expect(await client.wholeHistory(id)).toEqual(conversation.historyOf(userId));
  const pins = await client.do<{ items: Message[] }>("GET", `/conversations/${id}/pins`);
  const hidden = conversation.hiddenBy(userId);
  expect(pins.items).toEqual(conversation.pins().filter((message) => !hidden.has(message.id)));
  if (group === null) return;
  const path = `/groups/${id.slice("group:".length)}/members`;
  const { items } = await client.do<Page<Member>>("GET", path);
  const stored = items.map(({ user, role, mutedUntil }) => [user.id, role, mutedUntil !== undefined]);
  const expected = [...members].map(([member, { role, isMuted }]) => [member, role, isMuted]);
  expect(stored.sort()).toEqual(expected.sort());
}

async function comparePeople(model: Model, world: World, userId: UserId): Promise<void> {
  const client = world.client(userId);
  const friends = await client.do<Page<Friend>>("GET", "/friends");
  expect(friends.items.map(({ user }) => user.id).sort()).toEqual(model.friendsOf(userId).sort());
  const blocked = await client.do<Page<User>>("GET", "/blocks");
  expect(blocked.items.map(({ id }) => id).sort()).toEqual(model.blockedBy(userId).sort());
}

/** What is to be compared of some conversations, in a form whose differences are readable. */
function byId<Item extends { id: ConversationId }>(
  items: readonly Item[],
  of: (item: Item) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(items.map((item) => [item.id, of(item)]));
}

/** A conversation of the list without what the model does not know. */
function toListed({ peer, group, ...conversation }: Conversation): Listed {
  const { onlineCount, ...known } = group ?? {};
  return {
    ...conversation,
    ...(peer !== undefined && { peer: peer.id }),
    ...(group !== undefined && { group: known as Listed["group"] }),
  } as Listed;
}

/** Of what a device shows of a message that its person has hidden, it cannot know the changes. */
function withoutHidden(model: Model, userId: UserId): (message: Message) => Message {
  return (message) => {
    const { replyTo, ...rest } = message;
    if (replyTo === undefined) return message;
    const isHidden = model.conversations.get(message.conversation)?.hiddenBy(userId).has(replyTo.id);
    return isHidden ? { ...rest, replyTo: { ...replyTo, excerpt: null } } : message;
  };
}

function latestFirst(one: MessageId, other: MessageId): number {
  return BigInt(one) > BigInt(other) ? -1 : 1;
}
