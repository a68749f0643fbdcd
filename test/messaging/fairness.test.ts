import { describe, expect, it } from "vitest";
import { expectInOrder, expectSound } from "../harness/history.ts";
import { heard, numbered, openClub, textOf, twoFriends } from "../harness/people.ts";
import type { Socket } from "../harness/socket.ts";
import { useSystem } from "../harness/use-system.ts";

/** What a socket may send at once; hardly more comes in a second. */
const BURST = 500;
/** How many frames one batch has room for (`durable-objects/inbox.ts`). */
const BATCH = 500;

// One bucket: everybody shares it with the flooder.
const system = useSystem({
  env: {
    PASSWORD_COST: "1024",
    BUCKETS_PER_SERVER: "1",
    SOCKET_FRAME_BURST: String(BURST),
    SOCKET_FRAME_RATE: "1",
  },
});

/** Waits until the bucket has taken in all that a socket has sent: a bad frame is reported at once, past what waits. */
async function taken(socket: Socket): Promise<void> {
  socket.sendText("{");
  await socket.next("error");
}

describe("beside a flooder who sends all that the limits allow", () => {
  it("quiet people's messages are accepted next, and everybody gets everything in order", async () => {
    const { owner: flooder, members: quiet, group } = await openClub(system().url, 6);
    const { conversation } = group;
    const flood = await Promise.all([flooder.connect(), flooder.connect(), flooder.connect()]);
    const quietly = await Promise.all(quiet.map((client) => client.connect()));
    const texts = quiet.map(({ user }) => numbered(user.username, 3));
    const floods = flood.map((_, index) => numbered(`flood ${index}`, BURST - 1));

    // Nothing is accepted until the bucket has all of it, so that its order alone decides.
    system().pauseGateway();
    try {
      for (const [index, socket] of flood.entries()) {
        for (const text of floods[index] ?? []) socket.send(conversation, text);
      }
      await Promise.all(flood.map(taken));
      for (const [index, socket] of quietly.entries()) {
        for (const text of texts[index] ?? []) socket.send(conversation, text);
      }
      await Promise.all(quietly.map(taken));
    } finally {
      system().resumeGateway();
    }

    const total = [...floods, ...texts].flat().length;
    await Promise.all([...flood, ...quietly].map((socket) => socket.messages(conversation, total)));
    const history = await flooder.history(conversation);
    expectSound(await flooder.wholeHistory(conversation));
    const ofQuiet = history.filter(({ senderId }) => senderId !== flooder.user.id);
    expectInOrder(ofQuiet, new Map(quiet.map(({ user }, index) => [user.id, texts[index] ?? []])));
    for (const [index, sent] of floods.entries()) {
      const stored = history.map(textOf).filter((text) => text.startsWith(`flood ${index} `));
      expect(stored).toEqual(sent);
    }
    // At most one batch was under way; all that is quiet is in the next one.
    expect(history.findIndex(({ id }) => id === ofQuiet.at(-1)?.id)).toBeLessThan(2 * BATCH);
    expect(total).toBeGreaterThan(2 * BATCH);
    for (const socket of [...flood, ...quietly]) expect(heard(socket, conversation)).toEqual(history);
    for (const socket of quietly) expect(socket.all("accepted")).toHaveLength(3);
    for (const socket of [...flood, ...quietly]) expect(socket.all("rejected")).toEqual([]);
  });

  it("nobody's socket closes but the one that goes over its limit, with 4008", async () => {
    const { ada: flooder, ben: quiet, conversation } = await twoFriends(system().url);
    const [flood, other, quietly] = await Promise.all([
      flooder.connect(),
      flooder.connect(),
      quiet.connect(),
    ]);
    for (let frame = 0; frame < 2 * BURST; frame++) flood.sendFrame({ op: "read", conversation, seq: 0 });
    expect(await flood.closed).toMatchObject({ code: 4008 });
    await quietly.sendAccepted(conversation, "still here");
    await other.sendAccepted(conversation, "so am I");
    await Promise.all([other, quietly].map((socket) => socket.messages(conversation, 2)));
  });
});

describe("an account's sockets", () => {
  it("are 20: a further one closes the oldest with 4009, and the others stay", async () => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    const [bens, oldest] = [await ben.connect(), await ada.connect()];
    const others: Socket[] = [];
    for (let device = 2; device <= 20; device++) others.push(await ada.connect());
    await bens.sendAccepted(conversation, "to twenty");
    await Promise.all([oldest, ...others].map((socket) => socket.messages(conversation, 1)));

    const further = await ada.connect();
    expect(await oldest.closed).toMatchObject({ code: 4009 });
    await bens.sendAccepted(conversation, "to the newest twenty");
    await Promise.all(others.map((socket) => socket.messages(conversation, 2)));
    await further.messages(conversation, 1);
    expect(heard(oldest, conversation).map(textOf)).toEqual(["to twenty"]);
  });
});
