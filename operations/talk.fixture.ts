import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect } from "vitest";
import { redisKeys } from "../lib/redis-keys.ts";
import type { Submission } from "../lib/rpc/logic.ts";
import { conversationTopic } from "../lib/topic.ts";
import type { ConversationId } from "../schema/wire/conversation-id.ts";
import { ClientId, MessageId, type UserId } from "../schema/wire/ids.ts";
import type { Content, Message } from "../schema/wire/message.ts";
import type { Operation } from "../schema/wire/operation.ts";
import { submit } from "../workers/logic/submit.ts";
import { drain } from "../workers/task/drain.ts";
import { personOf, type Spine, startSpine, textFrom } from "../workers/task/spine.fixture.ts";

/** An operation as a test writes it: the conversation and the client id are added. */
type Wish = Operation extends infer Op
  ? Op extends Operation
    ? Omit<Op, "conversation" | "clientId">
    : never
  : never;

/** Ada and Ben, friends anew for each test of a file, on one spine. Ben is connected. */
export function friendsWhoTalk() {
  let started: Spine | undefined;
  let pair: ConversationId | undefined;

  beforeAll(async () => {
    started = await startSpine();
    await started.task.redis.set(redisKeys.epoch, "1");
  }, 30_000);

  afterAll(() => started?.close());

  beforeEach(async () => {
    [pair] = await spine().pairs(1);
    await spine().task.redis.sadd(redisKeys.userRoutes(ben()), "local:0");
    spine().deliveries.length = 0;
  });

  function spine(): Spine {
    if (started === undefined) throw new Error("the spine runs in tests only");
    return started;
  }

  function conversation(): ConversationId {
    if (pair === undefined) throw new Error("the conversation exists in tests only");
    return pair;
  }

  const ada = () => personOf(conversation(), 0);
  const ben = () => personOf(conversation(), 1);

  /** An operation of Ada's, or of somebody else's. */
  function asks(wish: Wish, userId: UserId = ada()): Submission<Operation> {
    const clientId = ClientId.parse(randomUUID());
    return { userId, frame: { ...wish, conversation: conversation(), clientId } as Operation };
  }

  /** A text of Ada's. */
  function text(words: string): Submission {
    return textFrom(conversation(), ada(), words);
  }

  /** Submits a batch, and returns `ok` or the code of the refusal for each. */
  async function codes(...batch: Submission[]): Promise<string[]> {
    const outcomes = await submit(spine().logic, batch);
    return outcomes.map((outcome) => (outcome.ok ? "ok" : outcome.code));
  }

  /** Drains what is in the log. */
  async function drained(): Promise<void> {
    const { delivered } = await drain(spine().task, [conversationTopic(conversation())]);
    expect((await delivered).failed).toEqual([]);
  }

  /** Submits a batch, which must be accepted, and drains it as one. */
  async function applied(...batch: Submission[]): Promise<void> {
    expect((await codes(...batch)).filter((code) => code !== "ok")).toEqual([]);
    await drained();
  }

  /** Sends a text of Ada's, and returns its id once it is stored. */
  async function sent(words: string): Promise<MessageId> {
    await applied(text(words));
    const message = heard().at(-1);
    expect(message && textOf(message.content)).toBe(words);
    return MessageId.parse(message?.id);
  }

  /** The messages that Ben's bucket got. */
  function heard(): Message[] {
    return spine()
      .pushed()
      .flatMap(({ events }) => events.flatMap((event) => (event.ev === "message" ? [event.message] : [])));
  }

  /** Runs a statement on the database. */
  function query(statement: string, ...values: unknown[]) {
    return spine().task.database.$client.query(statement, values);
  }

  return { spine, conversation, ada, ben, asks, text, codes, drained, applied, sent, heard, query };
}

/** The text of a content. */
export function textOf(content: Content | null): string | null {
  return content?.type === "text" ? content.text : null;
}
