import { beforeEach, describe, expect, it } from "vitest";
import type { Submission } from "../lib/rpc/logic.ts";
import { accept } from "../lib/rpc/outcome.ts";
import { newBucket, pass, stopClock, toUsers } from "./testing/bucket.ts";
import { gate, logic, resetLogic } from "./testing/logic.ts";
import { names, online, read, send, type TestSocket } from "./testing/socket.ts";

beforeEach(() => {
  resetLogic();
  stopClock();
});

/** Has logic hold one submission back until it is released, so that what is sent meanwhile waits. */
async function holdLogic(bucket: Fetcher): Promise<() => Promise<void>> {
  const { opened, open } = gate();
  logic.submit.mockImplementationOnce(async (batch) => {
    await opened;
    return batch.map(() => accept(null));
  });
  const first = await online(bucket, "999");
  first.send(send(1));
  await expect.poll(() => logic.submit.mock.calls.length).toBe(1);
  return async () => {
    open();
    expect(names(await first.frame())).toEqual(["accepted"]);
  };
}

/** A frame of about so many bytes that does nothing. */
function large(bytes: number): string {
  return JSON.stringify(read(1)).padEnd(bytes);
}

/** Waits until the bucket has taken in what a socket has sent: a bad frame is reported at once. */
async function taken(socket: TestSocket): Promise<void> {
  socket.send("{");
  expect(names(await socket.frame())).toEqual(["error"]);
}

/** Whose frames a submission had. */
function senders(batch: Submission[] | undefined): Set<string> {
  return new Set(batch?.map(({ userId }) => userId));
}

describe("an account", () => {
  it("has 20 sockets in a bucket: a further one closes the oldest with 4009", async () => {
    const bucket = newBucket();
    const sockets: TestSocket[] = [];
    for (let device = 0; device < 20; device++) {
      sockets.push(await online(bucket, "1", `s${device}`));
      pass(1);
    }
    const [oldest, ...others] = sockets;
    const further = await online(bucket, "1", "further");
    expect(await oldest?.closed).toMatchObject({ code: 4009 });
    await bucket.deliver([toUsers(["1"], "hello")]);
    for (const socket of [...others, further]) expect(names(await socket.frame())).toEqual(["hello"]);
    expect(logic.arrive).toHaveBeenCalledTimes(1);
  });

  it("has its socket closed with 4008 when one socket sends too many frames", async () => {
    const bucket = newBucket();
    const release = await holdLogic(bucket);
    const anna = await online(bucket, "1");
    const other = await online(bucket, "1");
    for (let frame = 0; frame < 401; frame++) anna.send(read(1));
    expect(await anna.closed).toMatchObject({ code: 4008 });
    await taken(other);
    await release();
  });

  it("has its socket closed with 4008 when all its sockets send too many frames together", async () => {
    const bucket = newBucket();
    const release = await holdLogic(bucket);
    const one = await online(bucket, "1");
    const other = await online(bucket, "1");
    for (let frame = 0; frame < 399; frame++) one.send(read(1));
    await taken(one);
    for (let frame = 0; frame < 201; frame++) other.send(read(1));
    expect(await other.closed).toMatchObject({ code: 4008 });
    await taken(await online(bucket, "2"));
    await release();
    await expect.poll(() => logic.submit.mock.calls.length).toBe(2);
  });

  it("has its socket closed with 4008 when one socket sends too many bytes", async () => {
    const bucket = newBucket();
    const anna = await online(bucket, "1");
    // Wide characters count as the bytes that they are on the wire.
    for (let frame = 0; frame < 4; frame++) anna.send("é".repeat(30_000));
    expect(await anna.closed).toMatchObject({ code: 4008 });
  });

  it("has its socket closed with 4008 when all its sockets send too many bytes together", async () => {
    const bucket = newBucket();
    const one = await online(bucket, "1");
    const other = await online(bucket, "1");
    for (let frame = 0; frame < 3; frame++) one.send("x".repeat(60_000));
    for (let frame = 0; frame < 3; frame++) expect(names(await one.frame())).toEqual(["error"]);
    for (let frame = 0; frame < 3; frame++) other.send("x".repeat(60_000));
    expect(await other.closed).toMatchObject({ code: 4008 });
  });
});

describe("what waits for logic", () => {
  it("closes its socket with 4008 when it is too much, and goes with it", async () => {
    const bucket = newBucket();
    const release = await holdLogic(bucket);
    const flooder = await online(bucket, "1");
    const quiet = await online(bucket, "2");
    flooder.send(large(60_000));
    quiet.send(send(1));
    await taken(quiet);
    flooder.send(large(60_000));
    expect(await flooder.closed).toMatchObject({ code: 4008 });
    await release();
    expect(names(await quiet.frame())).toEqual(["accepted"]);
    expect(senders(logic.submit.mock.lastCall?.[0])).toEqual(new Set(["2"]));
  });

  it("closes the socket with the most when it is too much for the bucket, not the one that sends next", async () => {
    const bucket = newBucket();
    const release = await holdLogic(bucket);
    const sockets: TestSocket[] = [];
    for (const [index, bytes] of [60_000, 65_000, 64_000, 50_000].entries()) {
      const socket = await online(bucket, String(index + 1));
      socket.send(large(bytes));
      await taken(socket);
      sockets.push(socket);
    }
    const next = await online(bucket, "9");
    next.send(large(30_000));
    expect(await sockets[1]?.closed).toMatchObject({ code: 4008 });
    await release();
    await expect.poll(() => logic.submit.mock.calls.length).toBe(2);
    expect(senders(logic.submit.mock.lastCall?.[0])).toEqual(new Set(["1", "3", "4", "9"]));
  });

  it("goes fairly: beside a flooder, the frames of quiet people are in the very next batch", async () => {
    const bucket = newBucket();
    const flooder = [await online(bucket, "1"), await online(bucket, "1")];
    const quiet = await Promise.all(
      Array.from({ length: 50 }, (_, index) => online(bucket, String(index + 2))),
    );
    const release = await holdLogic(bucket);
    // More than one batch takes: without turns, the flooder would fill the next one alone.
    for (const socket of flooder) {
      for (let frame = 0; frame < 290; frame++) socket.send(read(frame));
      await taken(socket);
    }
    for (const socket of quiet) socket.send(send(1));
    await Promise.all(quiet.map(taken));
    await release();
    for (const socket of quiet) expect(names(await socket.frame())).toEqual(["accepted"]);
    const [, next] = logic.submit.mock.calls;
    expect(next?.[0]).toHaveLength(500);
    expect(senders(next?.[0]).size).toBe(51);
    await expect.poll(() => logic.submit.mock.calls.length).toBe(3);
  });
});
