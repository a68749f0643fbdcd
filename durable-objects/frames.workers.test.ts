import { beforeEach, describe, expect, it } from "vitest";
import { accept, refuse } from "../lib/rpc/outcome.ts";
import { newBucket, stopClock } from "./testing/bucket.ts";
import { gate, logic, resetLogic } from "./testing/logic.ts";
import { clientId, names, online, read, send } from "./testing/socket.ts";

beforeEach(() => {
  resetLogic();
  stopClock();
});

/** Holds the next submission back until it is opened. */
function holdSubmit(): () => void {
  const { opened, open } = gate();
  logic.submit.mockImplementationOnce(async (batch) => {
    await opened;
    return batch.map(() => accept(null));
  });
  return open;
}

describe("what a client sends", () => {
  it("is submitted with its sender, and reported as accepted when it is in the log", async () => {
    const anna = await online(newBucket(), "1");
    anna.send(send(1));
    expect(await anna.frame()).toEqual([{ ev: "accepted", clientId: clientId(1), conversation: "dm:1:2" }]);
    expect(logic.submit).toHaveBeenCalledExactlyOnceWith([{ userId: "1", frame: send(1) }]);
  });

  it("goes in one batch when a submission is under way, in order, and is reported in one frame a socket", async () => {
    const bucket = newBucket();
    const anna = await online(bucket, "1");
    const bela = await online(bucket, "2");
    const open = holdSubmit();
    logic.submit.mockImplementationOnce(async () => [
      accept(null),
      accept(null),
      refuse("not_friends"),
      refuse("conversation_not_found"),
      accept(null),
    ]);
    bela.send(send(1));
    await expect.poll(() => logic.submit.mock.calls.length).toBe(1);
    const sent = [send(1), read(3), send(2), read(4), send(3)];
    for (const frame of sent) anna.send(frame);
    // A bad frame is reported at once: what was sent before it has been taken in by then.
    anna.send("{");
    expect(names(await anna.frame())).toEqual(["error"]);
    open();
    expect(await anna.frame()).toMatchObject([
      { ev: "accepted", clientId: clientId(1) },
      { ev: "rejected", clientId: clientId(2), problem: { code: "not_friends" } },
      { ev: "error", problem: { code: "conversation_not_found" } },
      { ev: "accepted", clientId: clientId(3) },
    ]);
    expect(logic.submit.mock.calls.map(([batch]) => batch)).toEqual([
      [{ userId: "2", frame: send(1) }],
      sent.map((frame) => ({ userId: "1", frame })),
    ]);
  });

  it("is submitted again by the client when its outcome is unknown: the socket closes with 1013", async () => {
    const bucket = newBucket();
    const anna = await online(bucket, "1");
    const bela = await online(bucket, "2");
    logic.submit.mockRejectedValueOnce(new Error("the log is away"));
    anna.send(send(1));
    expect(await anna.closed).toMatchObject({ code: 1013 });
    bela.send(send(1));
    expect(names(await bela.frame())).toEqual(["accepted"]);
  });

  it("has an unknown outcome too when logic returns fewer outcomes than there were frames", async () => {
    const anna = await online(newBucket(), "1");
    logic.submit.mockResolvedValueOnce([]);
    anna.send(send(1));
    expect(await anna.closed).toMatchObject({ code: 1013 });
  });

  it("is not submitted behind an operation whose outcome is unknown, so that it cannot overtake it", async () => {
    const bucket = newBucket();
    const anna = await online(bucket, "1");
    const bela = await online(bucket, "2");
    const { opened, open } = gate();
    logic.submit.mockImplementationOnce(async () => {
      await opened;
      throw new Error("the log is away");
    });
    for (const frame of [send(1), read(1), send(2)]) anna.send(frame);
    anna.send("{");
    await anna.frame();
    open();
    expect(await anna.closed).toMatchObject({ code: 1013 });
    bela.send(send(1));
    expect(names(await bela.frame())).toEqual(["accepted"]);
    expect(logic.submit.mock.calls.map(([batch]) => batch.map(({ userId }) => userId))).toEqual([
      ["1"],
      ["2"],
    ]);
  });

  it("gets an error when it is a signal and logic cannot be reached, and the socket stays", async () => {
    const anna = await online(newBucket(), "1");
    logic.submit.mockRejectedValueOnce(new Error("the database is away"));
    anna.send(read(4));
    expect(await anna.frame()).toMatchObject([{ ev: "error", problem: { code: "unavailable" } }]);
    anna.send(send(1));
    expect(names(await anna.frame())).toEqual(["accepted"]);
  });
});

describe("a bad frame", () => {
  it("is reported, and the socket stays", async () => {
    const anna = await online(newBucket(), "1");
    anna.send(new ArrayBuffer(8));
    expect(await anna.frame()).toMatchObject([{ ev: "error", problem: { code: "invalid_request" } }]);
    anna.send({ ...send(1), content: { type: "text", text: "" } });
    expect(await anna.frame()).toMatchObject([{ ev: "rejected", clientId: clientId(1) }]);
    anna.send(send(1));
    expect(names(await anna.frame())).toEqual(["accepted"]);
  });

  it("closes the socket with 4000 when it is the tenth in a minute", async () => {
    const anna = await online(newBucket(), "1");
    for (let frame = 0; frame < 10; frame++) anna.send("nonsense");
    expect(await anna.closed).toMatchObject({ code: 4000 });
  });

  it("closes the socket with 1009 when it is over 64 KiB", async () => {
    const anna = await online(newBucket(), "1");
    anna.send("x".repeat(65_537));
    expect(await anna.closed).toMatchObject({ code: 1009 });
  });
});
