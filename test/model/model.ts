import type { Conversation } from "../../schema/wire/conversation.ts";
import {
  type ConversationId,
  conversationParts,
  directConversation,
} from "../../schema/wire/conversation-id.ts";
import type { Group } from "../../schema/wire/group.ts";
import { Rev, Seq, type UserId } from "../../schema/wire/ids.ts";
import type { Message } from "../../schema/wire/message.ts";
import type { Operation } from "../../schema/wire/operation.ts";
import type { ProblemCode } from "../../schema/wire/problem.ts";
import { ConversationModel, type GroupModel } from "./conversation-model.ts";

/** A conversation in a person's list, without what the model does not know: who is online, and the peer's profile. */
export type Listed = Omit<Conversation, "peer" | "group"> & {
  peer?: UserId;
  group?: Omit<Group, "onlineCount">;
};

/** What the system has to hold: people, who may write to whom, and their conversations. */
export class Model {
  readonly people: readonly UserId[];
  readonly conversations = new Map<ConversationId, ConversationModel>();
  /** The pairs who are friends, by their conversation. */
  readonly #friends = new Set<ConversationId>();
  /** Who blocks whom, and whether the block ended a friendship. */
  readonly #blocks = new Map<string, boolean>();
  #joinings = 0;

  constructor(people: readonly UserId[]) {
    this.people = people;
  }

  areFriends(one: UserId, other: UserId): boolean {
    return this.#friends.has(directConversation(one, other));
  }

  friendsOf(userId: UserId): UserId[] {
    return this.people.filter((other) => other !== userId && this.areFriends(userId, other));
  }

  isBlocked(one: UserId, other: UserId): boolean {
    return this.#blocks.has(blockKey(one, other)) || this.#blocks.has(blockKey(other, one));
  }

  blockedBy(userId: UserId): UserId[] {
    return this.people.filter((other) => this.#blocks.has(blockKey(userId, other)));
  }

  befriend(one: UserId, other: UserId): void {
    const id = directConversation(one, other);
    this.#friends.add(id);
    if (this.conversations.has(id)) return;
    const conversation = new ConversationModel(id, null);
    for (const userId of [one, other]) conversation.enter(userId, "member", 0);
    this.conversations.set(id, conversation);
  }

  unfriend(one: UserId, other: UserId): void {
    this.#friends.delete(directConversation(one, other));
  }

  /** A block ends the friendship, and remembers it. */
  block(userId: UserId, blocked: UserId): void {
    const key = blockKey(userId, blocked);
    if (this.#blocks.has(key)) return;
    this.#blocks.set(key, this.areFriends(userId, blocked));
    this.unfriend(userId, blocked);
  }

  /** The friendship begins again, unless the other person has a block, too: then that one remembers it. */
  unblock(userId: UserId, blocked: UserId): void {
    const remembered = this.#blocks.get(blockKey(userId, blocked));
    this.#blocks.delete(blockKey(userId, blocked));
    const theirs = blockKey(blocked, userId);
    if (remembered !== true) return;
    if (this.#blocks.has(theirs)) this.#blocks.set(theirs, true);
    else this.befriend(userId, blocked);
  }

  openGroup(
    id: ConversationId,
    group: GroupModel,
    owner: UserId,
    others: readonly UserId[],
  ): ConversationModel {
    const conversation = new ConversationModel(id, group);
    this.conversations.set(id, conversation);
    this.enter(conversation, [owner, ...others]);
    conversation.member(owner).role = "owner";
    return conversation;
  }

  /** Takes people into a group who come together. */
  enter(conversation: ConversationModel, userIds: readonly UserId[]): void {
    this.#joinings += 1;
    for (const userId of userIds) conversation.enter(userId, "member", this.#joinings);
  }

  /** Takes a member out of a group. An owner has an heir; without members, the group is no more. */
  exit(conversation: ConversationModel, userId: UserId): void {
    const { role } = conversation.member(userId);
    conversation.exit(userId);
    if (conversation.members.size === 0) this.conversations.delete(conversation.id);
    if (role === "owner") inherit(conversation);
  }

  conversationsOf(userId: UserId): ConversationModel[] {
    return [...this.conversations.values()].filter(({ members }) => members.has(userId));
  }

  groups(): (ConversationModel & { group: GroupModel })[] {
    return [...this.conversations.values()].filter(isGroup);
  }

  groupsOf(userId: UserId): (ConversationModel & { group: GroupModel })[] {
    return this.groups().filter(({ members }) => members.has(userId));
  }

  /** The revs with which a device that has everything resumes. */
  revsOf(userId: UserId): Record<ConversationId, number> {
    return Object.fromEntries(this.conversationsOf(userId).map(({ id, rev }) => [id, rev]));
  }

  /** Why somebody may not do this, or null. */
  refusalOf(userId: UserId, operation: Operation): ProblemCode | null {
    const conversation = this.conversations.get(operation.conversation);
    if (conversation === undefined) return "conversation_not_found";
    const refusal = this.#refusalOfWriting(userId, conversation);
    if (refusal !== null) return refusal;
    const isStaff = conversation.isStaff(userId);
    if (operation.op === "send") {
      if (operation.mentions === "all" && !isStaff) return "not_allowed";
      if (operation.forwardOf === undefined) return null;
      const { content } = this.forwarded(operation.forwardOf);
      if (content === null) return "message_not_found";
      return content.type === "notice" ? "not_allowed" : null;
    }
    const { senderId, content } = conversation.get(operation.messageId);
    const isLive = content !== null && content.type !== "notice";
    const may: Record<typeof operation.op, boolean> = {
      edit:
        senderId === userId &&
        content?.type === "text" &&
        !(operation.op === "edit" && operation.mentions === "all" && !isStaff),
      recall: content?.type !== "notice" && (senderId === userId || isStaff),
      react: isLive,
      pin: isLive && (conversation.group === null || isStaff),
    };
    return may[operation.op] ? null : "not_allowed";
  }

  /** Whether an operation that is not refused changes anything. */
  changes(userId: UserId, operation: Operation): boolean {
    if (operation.op === "send" || operation.op === "edit") return true;
    const conversation = this.conversations.get(operation.conversation);
    const message = conversation?.find(operation.messageId);
    if (operation.op === "recall") return message?.content !== null;
    if (operation.op === "pin") return (message?.pinned === true) !== operation.on;
    const held = message?.reactions?.find(({ emoji }) => emoji === operation.emoji);
    return (held?.userIds.includes(userId) ?? false) !== operation.on;
  }

  /** A message by what a `send` says of it. */
  forwarded({ conversation, id }: { conversation: ConversationId; id: Message["id"] }): Message {
    const found = this.conversations.get(conversation)?.find(id);
    if (found === undefined) throw new Error(`there is no message ${id} in ${conversation}`);
    return found;
  }

  /** A conversation as a person's list shows it. */
  listed(userId: UserId, conversation: ConversationModel): Listed {
    const { id, lastSeq, rev, group, members } = conversation;
    const { readSeq, role, settings } = conversation.member(userId);
    const unread = conversation.unreadOf(userId);
    const peer = conversation.peerOf(userId);
    const parts = conversationParts(id);
    return {
      id,
      kind: parts.kind,
      ...(peer !== undefined && { peer }),
      ...(group !== null &&
        parts.kind === "group" && {
          group: {
            ...{ id: parts.groupId, description: "", avatarUrl: null, conversation: id },
            ...{ ...group, memberCount: members.size, role },
          },
        }),
      ...{
        firstSeq: Seq.parse(1),
        lastSeq: Seq.parse(lastSeq),
        rev: Rev.parse(rev),
        readSeq: Seq.parse(readSeq),
      },
      unread: unread.length,
      mentioned: conversation.mentionsOf(userId).length,
      ...(unread[0] !== undefined && { firstUnreadSeq: unread[0].seq }),
      lastMessage: conversation.historyOf(userId).at(-1) ?? null,
      ...settings,
    };
  }

  #refusalOfWriting(userId: UserId, conversation: ConversationModel): ProblemCode | null {
    const { id, group, members } = conversation;
    const member = members.get(userId);
    if (member === undefined) return "conversation_not_found";
    if (group === null) return this.#friends.has(id) ? null : "not_friends";
    if (member.isMuted) return "muted";
    return group.posting === "all" || conversation.isStaff(userId) ? null : "not_allowed";
  }
}

/** Gives a group to the longest-standing admin, else member; nobody could end the mute of an owner. */
function inherit({ members }: ConversationModel): void {
  const [heir] = [...members].sort(
    ([one, a], [other, b]) =>
      Number(b.role === "admin") - Number(a.role === "admin") ||
      a.joined - b.joined ||
      (BigInt(one) < BigInt(other) ? -1 : 1),
  );
  if (heir === undefined) return;
  const [, member] = heir;
  member.role = "owner";
  member.isMuted = false;
}

function isGroup(conversation: ConversationModel): conversation is ConversationModel & { group: GroupModel } {
  return conversation.group !== null;
}

function blockKey(userId: UserId, blocked: UserId): string {
  return `${userId} ${blocked}`;
}
