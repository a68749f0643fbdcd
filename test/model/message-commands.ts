import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { expect } from "vitest";
import { ClientId, type UserId } from "../../schema/wire/ids.ts";
import type { Message } from "../../schema/wire/message.ts";
import type { Operation, Send } from "../../schema/wire/operation.ts";
import type { ConversationModel } from "./conversation-model.ts";
import type { Device, Road } from "./device.ts";
import type { Model } from "./model.ts";
import { choice, pick, step } from "./step.ts";
import type { World } from "./world.ts";

/** Somebody in one of their conversations, at one of their devices. */
type Place = { who: number; where: number; device: number; road: Road };

/** What a place is in the model. */
type Seat = { userId: UserId; conversation: ConversationModel; at: (world: World) => Device };

const place = {
  who: choice,
  where: choice,
  device: fc.nat(1),
  road: fc.constantFrom<Road>("socket", "http"),
};

const text = fc.oneof(
  { weight: 9, arbitrary: fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }) },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", minLength: 141, maxLength: 200 }) },
);

/** Of these messages, the newest, one is chosen: the fewer, the more often several commands meet. */
const RECENT = 6;

/** Things are put on more often than they are taken away. */
const ON = fc.constantFrom(true, true, false);

const send = step(
  "send",
  {
    ...place,
    text,
    replyTo: fc.option(choice, { freq: 3 }),
    mentions: fc.option(fc.oneof(fc.constant("all" as const), fc.array(choice, { maxLength: 3 })), {
      freq: 3,
    }),
    again: fc.boolean(),
  },
  ({ text, replyTo, mentions, again, ...where }, model) => {
    const seat = seatAt(model, where);
    if (seat === null) return null;
    const { userId, conversation } = seat;
    const original = replyTo === null ? undefined : recent(conversation, userId, replyTo);
    const operation: Send = {
      ...newOperation("send", conversation),
      content: { type: "text", text },
      ...(original !== undefined && { replyTo: original.id }),
      ...(mentions !== null && { mentions: mentions === "all" ? mentions : people(model, mentions) }),
    };
    return async (world) => {
      await perform(world, model, seat, where.road, operation);
      // The same once more is the same message.
      if (again) await perform(world, model, seat, "http", operation, { isRepeat: true });
    };
  },
);

const forward = step(
  "forward",
  { ...place, from: choice, what: choice },
  ({ from, what, ...where }, model) => {
    const seat = seatAt(model, where);
    const source = seat && pick(model.conversationsOf(seat.userId), from);
    const message = seat && source && recent(source, seat.userId, what);
    if (!seat || !message) return null;
    const forwardOf = { conversation: message.conversation, id: message.id };
    const operation: Send = { ...newOperation("send", seat.conversation), forwardOf };
    return (world) => perform(world, model, seat, where.road, operation);
  },
);

/** Several messages of one person, sent without waiting, keep their order. */
const burst = step(
  "burst",
  { ...place, texts: fc.array(text, { minLength: 2, maxLength: 6 }) },
  ({ texts, ...where }, model) => {
    const seat = seatAt(model, where);
    if (seat === null) return null;
    const operations = texts.map((text): Send => textOf(seat.conversation, text));
    return async (world) => {
      const { userId, conversation } = seat;
      const refusals = operations.map((operation) => model.refusalOf(userId, operation));
      expect(await seat.at(world).perform(operations, where.road)).toEqual(refusals);
      const allowed = operations.filter((_, index) => refusals[index] === null);
      if (allowed.length === 0) return;
      const seen = await world.changes(model, userId, conversation.id, allowed.length);
      expect(seen).toEqual(seen.map((message, index) => apply(model, userId, allowed[index], message)));
    };
  },
);

/** Several people write into one conversation at a time: all of it is stored, each person's in their order. */
const talkOver = step(
  "talkOver",
  { ...place, texts: fc.array(text, { minLength: 2, maxLength: 3 }) },
  ({ texts, ...where }, model) => {
    const seat = seatAt(model, where);
    if (seat === null) return null;
    const { conversation, userId } = seat;
    const speakers = [...conversation.members.keys()].filter(
      (member) => model.refusalOf(member, textOf(conversation, "?")) === null,
    );
    if (speakers.length < 2) return null;
    return async (world) => {
      const said = speakers.map((speaker) => texts.map((text) => textOf(conversation, `${speaker} ${text}`)));
      await Promise.all(
        speakers.map(async (speaker, index) => {
          const operations = said[index] ?? [];
          const [device] = world.devices(speaker);
          expect(await device.perform(operations, where.road)).toEqual(operations.map(() => null));
        }),
      );
      const all = said.flat();
      const seen = await world.changes(model, userId, conversation.id, all.length);
      for (const operations of said) expect(inOrderOf(seen, operations)).toEqual(operations);
      expect(seen).toEqual(
        seen.map((message, index) => apply(model, message.senderId, inOrderOf(seen, all)[index], message)),
      );
    };
  },
);

/** The socket is lost with a message on it: the device comes back and sends it again, and it is there once. */
const sendAndLose = step("sendAndLose", { ...place, text }, ({ text, ...where }, model) => {
  const seat = seatAt(model, where);
  if (seat === null) return null;
  const operation = textOf(seat.conversation, text);
  return async (world) => {
    const device = seat.at(world);
    await device.sendAndLose(operation);
    await device.connect();
    await perform(world, model, seat, "socket", operation);
  };
});

const edit = step(
  "edit",
  { ...place, what: choice, text, mentions: fc.option(fc.array(choice, { maxLength: 2 })) },
  ({ what, text, mentions, ...where }, model) => {
    const seat = seatAt(model, where);
    const message = seat && recent(seat.conversation, seat.userId, what, isOwn(seat.userId));
    if (!message) return null;
    return (world) =>
      perform(world, model, seat, where.road, {
        ...newOperation("edit", seat.conversation),
        messageId: message.id,
        content: { type: "text", text },
        ...(mentions !== null && { mentions: people(model, mentions) }),
      });
  },
);

const recall = step("recall", { ...place, what: choice }, ({ what, ...where }, model) => {
  const seat = seatAt(model, where);
  const message = seat && recent(seat.conversation, seat.userId, what);
  if (!message) return null;
  const operation = { ...newOperation("recall", seat.conversation), messageId: message.id };
  return (world) => perform(world, model, seat, where.road, operation);
});

const react = step(
  "react",
  { ...place, what: choice, emoji: fc.constantFrom("👍", "❤️"), on: ON },
  ({ what, emoji, on, ...where }, model) => {
    const seat = seatAt(model, where);
    const message = seat && recent(seat.conversation, seat.userId, what);
    if (!message) return null;
    const operation = { ...newOperation("react", seat.conversation), messageId: message.id, emoji, on };
    return (world) => perform(world, model, seat, where.road, operation);
  },
);

const pin = step("pin", { ...place, what: choice, on: ON }, ({ what, on, ...where }, model) => {
  const seat = seatAt(model, where);
  const message = seat && recent(seat.conversation, seat.userId, what);
  if (!message) return null;
  const operation = { ...newOperation("pin", seat.conversation), messageId: message.id, on };
  return (world) => perform(world, model, seat, where.road, operation);
});

export const messageCommands = [
  { weight: 12, arbitrary: send },
  { weight: 3, arbitrary: forward },
  { weight: 3, arbitrary: burst },
  { weight: 3, arbitrary: talkOver },
  { weight: 3, arbitrary: sendAndLose },
  { weight: 5, arbitrary: edit },
  { weight: 4, arbitrary: recall },
  { weight: 6, arbitrary: react },
  { weight: 6, arbitrary: pin },
];

/** The place's person, conversation and device; null when the person has no conversation. */
export function seatAt(model: Model, { who, where, device }: Omit<Place, "road">): Seat | null {
  const userId = pick(model.people, who);
  const conversation = userId && pick(model.conversationsOf(userId), where);
  if (!conversation) return null;
  return { userId, conversation, at: (world) => world.devices(userId)[device === 0 ? 0 : 1] };
}

/** One of the newest messages that a person sees. */
export function recent(
  conversation: ConversationModel,
  userId: UserId,
  choice: number,
  fits: (message: Message) => boolean = () => true,
): Message | undefined {
  return pick(conversation.historyOf(userId).filter(fits).slice(-RECENT), choice);
}

/** Performs an operation, waits until it is applied, and compares what it did with what the model does. */
async function perform(
  world: World,
  model: Model,
  { userId, conversation, at }: Seat,
  road: Road,
  operation: Operation,
  { isRepeat = false } = {},
): Promise<void> {
  const refusal = model.refusalOf(userId, operation);
  const hasEffect = !isRepeat && refusal === null && model.changes(userId, operation);
  expect(await at(world).perform([operation], road)).toEqual([refusal]);
  if (!hasEffect) return;
  const isPinned = operation.op === "pin" && operation.on;
  const [seen, ...further] = await world.changes(model, userId, conversation.id, isPinned ? 2 : 1);
  if (seen === undefined) throw new Error("nothing has changed");
  expect(seen).toEqual(apply(model, userId, operation, seen));
  // The history mentions what is pinned.
  const notice = { kind: "pinned", messageId: seen.id } as const;
  expect(further).toEqual(further.map((message) => conversation.note(userId, notice, message)));
}

/** Does in the model what was done in the world. */
function apply(model: Model, userId: UserId, operation: Operation | undefined, seen: Message): Message {
  const conversation = operation && model.conversations.get(operation.conversation);
  if (conversation === undefined) throw new Error(`nobody has written ${JSON.stringify(seen)}`);
  switch (operation?.op) {
    case "send": {
      const { forwardOf } = operation;
      return conversation.send(userId, operation, seen, forwardOf ? model.forwarded(forwardOf) : null);
    }
    case "edit":
      return conversation.edit(operation, seen);
    case "recall":
      return conversation.recall(operation, seen);
    case "react":
      return conversation.react(userId, operation);
    case "pin":
      return conversation.pin(operation);
    default:
      throw new Error("there is no such operation");
  }
}

/** Those operations whose messages are there, in the order of these messages. */
function inOrderOf(messages: readonly Message[], operations: readonly Send[]): Send[] {
  return messages.flatMap(({ clientId }) => operations.find((one) => one.clientId === clientId) ?? []);
}

function textOf(conversation: ConversationModel, text: string): Send {
  return { ...newOperation("send", conversation), content: { type: "text", text } };
}

function newOperation<Op extends Operation["op"]>(op: Op, { id }: ConversationModel) {
  return { op, conversation: id, clientId: ClientId.parse(randomUUID()) };
}

function people(model: Model, choices: readonly number[]): UserId[] {
  return choices.flatMap((choice) => pick(model.people, choice) ?? []);
}

function isOwn(userId: UserId): (message: Message) => boolean {
  return ({ senderId }) => senderId === userId;
}
