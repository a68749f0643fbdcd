import type { Conversation, SyncResponse } from "../../../schema/wire/conversation.ts";
import { ConversationId } from "../../../schema/wire/conversation-id.ts";
import { Message } from "../../../schema/wire/message.ts";
import { ApiProblem } from "./problem.ts";
import type { SyncApi } from "./sync.ts";
import { ann, clientId, person } from "./testing.ts";

/** The limits of the real server. */
const NAMES = 10_000;
const CONVERSATIONS = 200;
const MESSAGES = 1_000;
const CHANGES = 200;
const LATEST = 20;

/**
 * A server for unit tests of the sync: conversations of Ann with many people. Its `sync` has the limits and the order
 * of the real one: what has waited longest first, also of what the request does not name.
 */
export class FakeServer implements SyncApi {
  /** By conversation, in rising seq; no message changes, so that rev is seq. */
  readonly #messages = new Map<ConversationId, Message[]>();
  #clock = Date.parse("2026-01-01T00:00:00.000Z");
  #lastId = 0;
  /** How many requests of each kind were made since they were last counted. */
  readonly requests = { sync: 0, newestMessages: 0 };

  /** The id of the conversation with a person of this number, from 0. */
  static id(number: number): ConversationId {
    return ConversationId.parse(`dm:1:${number + 2}`);
  }

  /** Stores a message of the other person and returns it: the latest of all conversations. */
  write(number: number): Message {
    const conversation = FakeServer.id(number);
    const held = this.#messages.get(conversation) ?? [];
    this.#lastId += 1;
    this.#clock += 1_000;
    const message = Message.parse({
      id: String(this.#lastId),
      conversation,
      seq: held.length + 1,
      rev: held.length + 1,
      senderId: String(number + 2),
      clientId: clientId(this.#lastId),
      content: { type: "text", text: `text ${this.#lastId}` },
      sentAt: new Date(this.#clock).toISOString(),
    });
    this.#messages.set(conversation, [...held, message]);
    return message;
  }

  /** All messages of a conversation. */
  history(id: ConversationId): readonly Message[] {
    return this.#messages.get(id) ?? [];
  }

  async friends() {
    return [];
  }

  async friendRequests() {
    return [];
  }

  async conversations(): Promise<Conversation[]> {
    return this.#byLatest()
      .toReversed()
      .map(([id, messages]) => listing(id, messages));
  }

  async newestMessages(id: ConversationId, limit: number): Promise<Message[]> {
    this.requests.newestMessages += 1;
    return this.history(id).slice(-limit);
  }

  async sync(revs: Record<string, number>): Promise<SyncResponse> {
    this.requests.sync += 1;
    if (Object.keys(revs).length > NAMES) {
      throw new ApiProblem({ status: 400, code: "invalid_request", message: "too many names" });
    }
    const behind = this.#byLatest().filter(([id, messages]) => messages.length > (revs[id] ?? 0));
    const conversations: SyncResponse["conversations"] = [];
    let size = 0;
    for (const [id, messages] of behind) {
      if (conversations.length >= CONVERSATIONS || size >= MESSAGES) break;
      const since = revs[id];
      const taken = since === undefined ? messages.slice(-LATEST) : messages.slice(since, since + CHANGES);
      conversations.push(slice(id, messages, taken));
      size += taken.length;
    }
    return { conversations, more: behind.length > conversations.length };
  }

  #byLatest(): [ConversationId, Message[]][] {
    const latest = (messages: Message[]) => Number(messages.at(-1)?.id);
    return [...this.#messages].sort(([, a], [, b]) => latest(a) - latest(b));
  }
}

function slice(id: ConversationId, all: Message[], taken: Message[]): SyncResponse["conversations"][number] {
  const [last, reached] = [newest(all), newest(taken)];
  return {
    ...{
      id,
      firstSeq: Message.shape.seq.parse(1),
      lastSeq: last.seq,
      rev: reached.rev,
      readSeq: Message.shape.seq.parse(0),
    },
    ...{ messages: taken, more: reached.rev < last.rev },
  };
}

function listing(id: ConversationId, messages: Message[]): Conversation {
  const last = newest(messages);
  const peer = person(last.senderId, `P${last.senderId}`);
  const readSeq = Message.shape.seq.parse(0);
  return {
    ...{
      id,
      kind: "dm",
      peer,
      firstSeq: Message.shape.seq.parse(1),
      lastSeq: last.seq,
      rev: last.rev,
      readSeq,
    },
    ...{ unread: last.seq, mentioned: 0, lastMessage: last },
  };
}

function newest(messages: Message[]): Message {
  const last = messages.at(-1);
  if (last === undefined) throw new Error(`No message for ${ann.displayName}`);
  return last;
}
