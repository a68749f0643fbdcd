import type { ConversationChange } from "../../schema/wire/conversation.ts";
import { type ConversationId, conversationParts } from "../../schema/wire/conversation-id.ts";
import type { JoinPolicy, Posting, Role } from "../../schema/wire/group.ts";
import { type MessageId, Rev, Seq, type UserId } from "../../schema/wire/ids.ts";
import { EXCERPT_LENGTH, type Message, type Notice } from "../../schema/wire/message.ts";
import type { Edit, Pin, React, Recall, Send } from "../../schema/wire/operation.ts";

/** What a member has set for a conversation. */
export type Settings = { mutedUntil?: string; pinned?: true; archived?: true; draft?: string };

/** Somebody in a conversation; `joined` is their place in the order of joining, the same for those who came together. */
export type Membership = {
  role: Role;
  joined: number;
  isMuted: boolean;
  readSeq: number;
  settings: Settings;
};

/** What is known of a group beside its members. */
export type GroupModel = { name: string; joinPolicy: JoinPolicy; posting: Posting };

/** A conversation as it has to be. What only the server can know (ids and times) is taken over from what it shows. */
export class ConversationModel {
  readonly id: ConversationId;
  readonly group: GroupModel | null;
  readonly members = new Map<UserId, Membership>();
  rev = 0;
  /** In the order of their seqs, from 1. */
  readonly #messages: Message[] = [];
  /** The messages that are pinned, in the order in which they were. */
  readonly #pins: MessageId[] = [];
  /** Who was in it before. */
  readonly #former = new Set<UserId>();
  /** What each person has hidden, for good: leaving the group does not change it. */
  readonly #hidden = new Map<UserId, Set<MessageId>>();

  constructor(id: ConversationId, group: GroupModel | null) {
    this.id = id;
    this.group = group;
  }

  get lastSeq(): number {
    return this.#messages.length;
  }

  /** Takes somebody in, who has read nothing, or all when they have been in before. */
  enter(userId: UserId, role: Role, joined: number): void {
    const readSeq = this.#former.has(userId) ? this.lastSeq : 0;
    this.members.set(userId, { role, joined, isMuted: false, readSeq, settings: {} });
  }

  /** Takes a member out. */
  exit(userId: UserId): void {
    this.members.delete(userId);
    this.#former.add(userId);
  }

  isStaff(userId: UserId): boolean {
    const role = this.members.get(userId)?.role;
    return role === "owner" || role === "admin";
  }

  /** Stores a message that somebody has written, with what it forwards, and moves their read mark to it. */
  send(senderId: UserId, operation: Send, seen: Message, forwarded: Message | null): Message {
    const { clientId, content = forwarded?.content ?? null, replyTo } = operation;
    const original = replyTo === undefined ? undefined : this.find(replyTo);
    const mentions = this.#named(operation.mentions);
    const message = this.#add(senderId, seen, {
      clientId,
      content,
      ...(original !== undefined && {
        replyTo: { id: original.id, seq: original.seq, senderId: original.senderId, excerpt: null },
      }),
      ...(mentions !== undefined && { mentions }),
      ...(forwarded !== null && { forwardOf: originOf(forwarded) }),
    });
    this.read(senderId, message.seq);
    return message;
  }

  /** Stores a notice. Its client id is the server's. */
  note(senderId: UserId, notice: Notice, seen: Message): Message {
    return this.#add(senderId, seen, { clientId: seen.clientId, content: { type: "notice", notice } });
  }

  edit(operation: Edit, seen: Message): Message {
    const { mentions: before, ...held } = this.get(operation.messageId);
    const mentions = operation.mentions === undefined ? before : this.#named(operation.mentions);
    return this.#change({
      ...held,
      content: operation.content,
      editedAt: present(seen.editedAt),
      ...(mentions !== undefined && { mentions }),
    });
  }

  recall(operation: Recall, seen: Message): Message {
    const { id, conversation, seq, rev, senderId, clientId, sentAt, editedAt } = this.get(
      operation.messageId,
    );
    this.#unpin(id);
    return this.#change({
      ...{ id, conversation, seq, rev, senderId, clientId, content: null, sentAt },
      ...(editedAt !== undefined && { editedAt }),
      recalledAt: present(seen.recalledAt),
    });
  }

  react(userId: UserId, { messageId, emoji, on }: React): Message {
    const { reactions: before = [], ...held } = this.get(messageId);
    const known = before.some((reaction) => reaction.emoji === emoji);
    const asked = known || !on ? before : [...before, { emoji, count: 0, userIds: [] }];
    const reactions = asked
      .map((reaction) => {
        if (reaction.emoji !== emoji) return reaction;
        const others = reaction.userIds.filter((other) => other !== userId);
        const userIds = on ? [...others, userId] : others;
        return { emoji, count: userIds.length, userIds };
      })
      .filter(({ count }) => count > 0);
    return this.#change({ ...held, ...(reactions.length > 0 && { reactions }) });
  }

  pin({ messageId, on }: Pin): Message {
    const { pinned, ...held } = this.get(messageId);
    this.#unpin(messageId);
    if (on) this.#pins.push(messageId);
    return this.#change({ ...held, ...(on && { pinned: true }) });
  }

  /** Moves a read mark, never back and never past the newest message. */
  read(userId: UserId, seq: number): void {
    const member = this.member(userId);
    member.readSeq = Math.max(member.readSeq, Math.min(seq, this.lastSeq));
  }

  hide(userId: UserId, messageId: MessageId): void {
    this.#hidden.set(userId, this.hiddenBy(userId).add(messageId));
  }

  hiddenBy(userId: UserId): Set<MessageId> {
    return this.#hidden.get(userId) ?? new Set();
  }

  /** Sets what a person has for the conversation: null clears, and an empty draft is none. */
  set(userId: UserId, change: ConversationChange): void {
    const member = this.member(userId);
    const { mutedUntil, pinned, archived, draft } = { ...member.settings, ...change };
    member.settings = {
      ...(mutedUntil && { mutedUntil }),
      ...(pinned && { pinned }),
      ...(archived && { archived }),
      ...(draft && { draft }),
    };
  }

  member(userId: UserId): Membership {
    const member = this.members.get(userId);
    if (member === undefined) throw new Error(`${userId} is not in ${this.id}`);
    return member;
  }

  find(messageId: MessageId): Message | undefined {
    const message = this.#messages.find(({ id }) => id === messageId);
    return message && this.#shown(message);
  }

  get(messageId: MessageId): Message {
    const message = this.find(messageId);
    if (message === undefined) throw new Error(`there is no message ${messageId} in ${this.id}`);
    return message;
  }

  /** The history as a person sees it. */
  historyOf(userId: UserId): Message[] {
    const hidden = this.hiddenBy(userId);
    return this.#messages.filter(({ id }) => !hidden.has(id)).map((message) => this.#shown(message));
  }

  /** The messages of others after a person's read mark, without notices. */
  unreadOf(userId: UserId): Message[] {
    const { readSeq } = this.member(userId);
    return this.historyOf(userId).filter(
      ({ seq, senderId, content }) => seq > readSeq && senderId !== userId && content?.type !== "notice",
    );
  }

  /** The unread messages that name a person. */
  mentionsOf(userId: UserId): Message[] {
    return this.unreadOf(userId).filter(({ mentions }) => mentions === "all" || mentions?.includes(userId));
  }

  /** The pinned messages, the last pinned first. */
  pins(): Message[] {
    return this.#pins.map((id) => this.get(id)).reverse();
  }

  /** The id of the newest message, by which conversations are sorted; null when there is none. */
  get lastMessageId(): MessageId | null {
    return this.#messages.at(-1)?.id ?? null;
  }

  /** The other person of a direct conversation. */
  peerOf(userId: UserId): UserId | undefined {
    const parts = conversationParts(this.id);
    return parts.kind === "dm" ? parts.users.find((other) => other !== userId) : undefined;
  }

  /** Those of some mentions who are members, once each. */
  #named(mentions: Message["mentions"]): Message["mentions"] {
    if (mentions === undefined || mentions === "all") return mentions;
    const named = [...new Set(mentions)].filter((userId) => this.members.has(userId));
    return named.length > 0 ? named : undefined;
  }

  #add(
    senderId: UserId,
    { id, sentAt }: Message,
    fields: Pick<Message, "clientId" | "content" | "replyTo" | "mentions" | "forwardOf">,
  ): Message {
    this.rev += 1;
    const place = { seq: Seq.parse(this.lastSeq + 1), rev: Rev.parse(this.rev) };
    const message = { id, conversation: this.id, ...place, senderId, sentAt, ...fields };
    this.#messages.push(message);
    return this.#shown(message);
  }

  #change(changed: Message): Message {
    this.rev += 1;
    const message = { ...changed, rev: Rev.parse(this.rev) };
    this.#messages[message.seq - 1] = message;
    return this.#shown(message);
  }

  #unpin(messageId: MessageId): void {
    const place = this.#pins.indexOf(messageId);
    if (place >= 0) this.#pins.splice(place, 1);
  }

  /** A message as it is read: what it shows of another one is as that one is now. */
  #shown(message: Message): Message {
    const original = message.replyTo && this.#messages[message.replyTo.seq - 1];
    return original === undefined ? message : withExcerpt(message, original);
  }
}

/** A reply with the beginning of its original as that is now. */
export function withExcerpt(message: Message, original: Message): Message {
  if (message.replyTo === undefined) return message;
  return { ...message, replyTo: { ...message.replyTo, excerpt: excerptOf(original) } };
}

/** The beginning of a text or the name of a file; null once it is recalled. */
function excerptOf({ content }: Message): string | null {
  if (content === null) return null;
  const text = content.type === "text" ? content.text : content.type === "file" ? content.name : "";
  return [...text].slice(0, EXCERPT_LENGTH).join("");
}

/** Who wrote a message first, and when. */
function originOf({ forwardOf, senderId, sentAt }: Message): Message["forwardOf"] {
  return forwardOf ?? { senderId, sentAt };
}

/** A time that has to be there. */
function present(time: string | undefined): string {
  if (time === undefined) throw new Error("the time of the change is missing");
  return time;
}
