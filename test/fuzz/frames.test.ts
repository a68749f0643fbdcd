import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { gif } from "../../lib/media.fixture.ts";
import type { Client } from "../harness/client.ts";
import { heard, numbered, textOf, twoFriends } from "../harness/people.ts";
import type { Socket } from "../harness/socket.ts";
import { upload } from "../harness/upload.ts";
import { useSystem } from "../harness/use-system.ts";
import { type Frame, garbage, mutated, write } from "./broken-frame.ts";
import { SchemaValues } from "./schema-values.ts";
import { mayClose, SocketProtocol, wrongAnswers } from "./socket-protocol.ts";

// Everybody's sockets are in one bucket.
const system = useSystem({ env: { PASSWORD_COST: "1024", BUCKETS_PER_SERVER: "1", GRACE_SECONDS: "1" } });

/**
 * How much to try: about `FUZZ_FRAMES` frames, which follow from `FUZZ_SEED`. A failure prints the seed and the path: with
 * `FUZZ_SEED` and `FUZZ_PATH`, the frames that failed are sent again.
 */
const { FUZZ_FRAMES, FUZZ_SEED = "1", FUZZ_PATH } = process.env;
/** The most frames of one socket; half as many on average. */
const MOST_FRAMES = 24;
const RUNS = Math.ceil(Number(FUZZ_FRAMES ?? 1_500) / (MOST_FRAMES / 2));
/** Unless a number of frames is asked for, no further ones are tried after this time (milliseconds). */
const LIMIT_MS = FUZZ_FRAMES === undefined ? 20_000 : 3_600_000;

it(
  "every frame gets the answer of the protocol, and nobody else in the bucket notices",
  async () => {
    const protocol = await SocketProtocol.of(system().url);
    const { ada, ben, image, others, conversations, foreign, bens, speaker, listener } = await people();
    const closed: unknown[] = [];
    for (const socket of [bens, speaker, listener]) socket.closed.then((close) => closed.push(close));

    const values = new SchemaValues(protocol.defs, {
      conversation: [...Array.from({ length: 5 }, () => conversations).flat(), ...foreign.conversations],
      messageId: [...NEWEST, ...NEWEST, foreign.messageId],
      replyTo: [...NEWEST, foreign.messageId],
      id: [...NEWEST, foreign.messageId],
      mentions: [[ben.user.id], [ada.user.id, ben.user.id], [others], "all"],
      content: [...TEXTS, ...TEXTS, ...TEXTS, image],
    });
    const valid = values.values({ $ref: "#/$defs/ClientFrame" });
    const frame: fc.Arbitrary<Frame> = fc.oneof(
      { weight: 14, arbitrary: valid.map(write) },
      { weight: 5, arbitrary: mutated(valid) },
      { weight: 2, arbitrary: garbage },
      { weight: 1, arbitrary: fc.constant("ping") },
    );

    const counts: Record<string, number> = {};
    const count = (what: string) => {
      counts[what] = (counts[what] ?? 0) + 1;
    };
    /** The accepted messages, by client id, and in how many frames each id was. */
    const accepted = new Set<string>();
    const uses = new Map<string, number>();
    let words = 0;

    const tryFrames = async (generated: Frame[]) => {
      speaker.send(foreign.conversations[0], `word ${++words}`);
      const newest = bens.all("message").slice(-10 * NEWEST.length);
      const last = { op: "recall", conversation: conversations[0], clientId: randomUUID(), messageId: "1" };
      const frames = [...generated.map((each) => naming(each, newest)), JSON.stringify(last)];
      const expected = frames.map((each) => protocol.expectation(each));
      const sends = new Set<string>();
      for (const each of expected) {
        count(each.kind);
        if (each.kind !== "outcome") continue;
        uses.set(each.clientId, (uses.get(each.clientId) ?? 0) + 1);
        if (each.op === "send") sends.add(each.clientId);
      }

      const socket = await ada.connect();
      const pongs = frames.map((each) => (each === "ping" ? socket.ping() : socket.sendRaw(each)));
      // Frames are taken in their order: once the last has its outcome, all have.
      const code = await Promise.race([
        socket.next("rejected", ({ clientId }) => clientId === last.clientId).then(() => null),
        socket.closed.then((close) => close.code),
      ]);
      expect([...protocol.wrongEvents(socket.events)]).toEqual([]);
      for (const { problem } of [...socket.all("rejected"), ...socket.all("error")]) count(problem.code);
      for (const { clientId } of socket.all("accepted")) {
        count("accepted");
        if (sends.has(clientId)) accepted.add(clientId);
      }
      if (code === null) {
        expect([...wrongAnswers(socket.events, expected)]).toEqual([]);
        await Promise.all(pongs);
        await socket.close();
      } else {
        count(`closed with ${code}`);
        expect([code, mayClose(code, socket.events, expected)]).toEqual([code, true]);
      }
      expect(closed).toEqual([]);
    };

    const runs = fc.asyncProperty(
      fc.array(frame, { minLength: 1, maxLength: MOST_FRAMES, size: "max" }),
      tryFrames,
    );
    await fc.assert(runs, {
      seed: Number(FUZZ_SEED),
      numRuns: RUNS,
      interruptAfterTimeLimit: LIMIT_MS,
      ...(FUZZ_PATH !== undefined && { path: FUZZ_PATH }),
    });
    console.log(`frames with seed ${FUZZ_SEED}: ${JSON.stringify(counts)}`);

    await listener.messages(foreign.conversations[0], words);
    expect(heard(listener, foreign.conversations[0]).map(textOf)).toEqual(numbered("word", words));
    const unique = [...accepted].filter((clientId) => uses.get(clientId) === 1);
    await expect.poll(() => lost(ada, bens, conversations, unique), { timeout: 60_000 }).toEqual([]);
    const received = [bens, speaker, listener].flatMap(({ events }) => events);
    expect([...protocol.wrongEvents(received)]).toEqual([]);
    expect(closed).toEqual([]);
    expect(await system().errors()).toEqual([]);
  },
  LIMIT_MS * 10,
);

/** Stand for the newest messages, whose ids are not known before the frame is sent. */
const NEWEST = Array.from({ length: 8 }, (_, index) => `@message${index}`);

/** The contents of most messages. */
const TEXTS = ["good morning", "😀", "\u202eיום טוב"].map((text) => ({ type: "text", text }));

/** The frame with ids of messages, mostly of its conversation, instead of what stands for them. */
function naming(frame: Frame, heard: { message: { id: string; conversation: string } }[]): Frame {
  if (typeof frame !== "string") return frame;
  const own = heard.filter(({ message }) => frame.includes(message.conversation));
  const newest = (own.length > 0 ? own : heard).slice(-NEWEST.length);
  return frame.replace(
    /@message(\d)/g,
    (_, index) => newest[Number(index) % newest.length]?.message.id ?? "1",
  );
}

/** Two friends with a group, one of them with a socket, and two others who write to each other on theirs. */
async function people() {
  const { url } = system();
  const [{ ada, ben, conversation }, others] = await Promise.all([twoFriends(url), twoFriends(url)]);
  const [group, strange] = await Promise.all([ada.createGroup("Ours"), others.ada.createGroup("Theirs")]);
  await ben.joinGroup(group);
  const [bens, speaker, listener] = await Promise.all([
    ben.connect(),
    others.ada.connect(),
    others.ben.connect(),
  ]);
  const conversations = [conversation, group.conversation];
  for (const each of conversations) {
    await Promise.all([ada.post(each, "good morning"), ben.post(each, "good morning")]);
    await bens.messages(each, 2);
  }
  const { body: image } = await upload(ada, "/images", gif());
  await speaker.sendAccepted(strange.conversation, "good morning");
  const { message } = await speaker.written();
  return {
    ...{ ada, ben, image, bens, speaker, listener, conversations },
    others: others.ada.user.id,
    foreign: { conversations: [others.conversation, strange.conversation] as const, messageId: message.id },
  };
}

/** What is missing in the history of conversations, or out of place in it, and what a socket has not received of it. */
async function lost(
  reader: Client,
  socket: Socket,
  conversations: Parameters<Client["history"]>[0][],
  accepted: string[],
): Promise<unknown[]> {
  const histories = await Promise.all(conversations.map((each) => reader.wholeHistory(each)));
  const stored = new Set<string>(histories.flat().map(({ clientId }) => clientId));
  const received = new Set(socket.all("message").map(({ message }) => message.id));
  const since = conversations.map((each) => heard(socket, each)[0]?.seq ?? 0);
  return [
    ...accepted.filter((clientId) => !stored.has(clientId)),
    ...histories.flatMap((history) => history.filter(({ seq }, index) => seq !== index + 1)),
    ...histories.flatMap((history, index) =>
      history.filter(({ id, seq }) => seq >= (since[index] ?? 0) && !received.has(id)),
    ),
  ];
}
