import { beforeEach, describe, expect, it } from "vitest";
import { newBucket, stopClock } from "./testing/bucket.ts";
import { gate, logic, resetLogic } from "./testing/logic.ts";
import { names, online } from "./testing/socket.ts";

beforeEach(() => {
  resetLogic();
  stopClock();
});

const clientIds = [
  "0b0f4a3e-8c5e-4b8a-9d54-0f2d0c3a9a10",
  "0b0f4a3e-8c5e-4b8a-9d54-0f2d0c3a9a11",
  "0b0f4a3e-8c5e-4b8a-9d54-0f2d0c3a9a12",
];
const [first = ""] = clientIds;

function send(clientId: string) {
  return { op: "send", conversation: "dm:1:2", clientId, content: { type: "text", text: "hello" } };
}

describe("what a client sends", () => {
  it("is handed over with who says so, and answered when it is in the log", async () => {
    const anna = await online(newBucket(), "1");
    anna.send(send(first));
    expect(await anna.frame()).toEqual([{ ev: "accepted", clientId: first, conversation: "dm:1:2" }]);
    expect(logic.submit).toHaveBeenCalledExactlyOnceWith([
      { senderId: "1", conversation: "dm:1:2", clientId: first, content: { type: "text", text: "hello" } },
    ]);
  });

  it("goes in one batch when a hand-over is under way, and is answered in one frame a socket", async () => {
    const bucket = newBucket();
    const anna = await online(bucket, "1");
    const bela = await online(bucket, "2");
    const { opened, open } = gate();
    logic.submit.mockImplementationOnce(async () => {
      await opened;
      return [{ ok: true }];
    });
    const refused = { type: "", title: "", status: 403, detail: "", code: "not_friends" } as const;
    logic.submit.mockImplementationOnce(async () => [
      { ok: true },
      { ok: false, problem: refused },
      { ok: true },
    ]);
    bela.send(send(first));
    await expect.poll(() => logic.submit.mock.calls.length).toBe(1);
    for (const clientId of clientIds) anna.send(send(clientId));
    // A bad frame is answered at once: what was sent before it has been taken in by then.
    anna.send("{");
    expect(names(await anna.frame())).toEqual(["error"]);
    open();
    expect(await anna.frame()).toMatchObject([
      { ev: "accepted", clientId: clientIds[0] },
      { ev: "rejected", clientId: clientIds[1], problem: { code: "not_friends" } },
      { ev: "accepted", clientId: clientIds[2] },
    ]);
    expect(logic.submit.mock.calls.map(([batch]) => batch.map(({ clientId }) => clientId))).toEqual([
      [first],
      clientIds,
    ]);
  });

  it("is sent again by the client when its outcome is unknown: the socket closes with 1013", async () => {
    const bucket = newBucket();
    const anna = await online(bucket, "1");
    const bela = await online(bucket, "2");
    logic.submit.mockRejectedValueOnce(new Error("the log is away"));
    anna.send(send(first));
    expect(await anna.closed).toMatchObject({ code: 1013 });
    bela.send(send(first));
    expect(names(await bela.frame())).toEqual(["accepted"]);
  });

  it("is not handed over behind a message whose outcome is unknown, lest it overtakes that", async () => {
    const bucket = newBucket();
    const anna = await online(bucket, "1");
    const bela = await online(bucket, "2");
    const { opened, open } = gate();
    logic.submit.mockImplementationOnce(async () => {
      await opened;
      throw new Error("the log is away");
    });
    for (const clientId of clientIds) anna.send(send(clientId));
    anna.send("{");
    await anna.frame();
    open();
    expect(await anna.closed).toMatchObject({ code: 1013 });
    bela.send(send(first));
    expect(names(await bela.frame())).toEqual(["accepted"]);
    expect(logic.submit.mock.calls.map(([batch]) => batch.map(({ senderId }) => senderId))).toEqual([
      ["1"],
      ["2"],
    ]);
  });

  it("moves read cursors, and says when it may not", async () => {
    const anna = await online(newBucket(), "1");
    logic.read.mockResolvedValueOnce([{ ok: false, code: "conversation_not_found" }]);
    anna.send({ op: "read", conversation: "group:9", seq: 4 });
    expect(await anna.frame()).toMatchObject([{ ev: "error", problem: { code: "conversation_not_found" } }]);
    expect(logic.read).toHaveBeenCalledExactlyOnceWith([{ userId: "1", conversation: "group:9", seq: 4 }]);
  });
});

describe("a bad frame", () => {
  it("is answered, and the socket stays", async () => {
    const anna = await online(newBucket(), "1");
    anna.send(new ArrayBuffer(8));
    expect(await anna.frame()).toMatchObject([{ ev: "error", problem: { code: "invalid_request" } }]);
    anna.send({ ...send(first), content: { type: "text", text: "" } });
    expect(await anna.frame()).toMatchObject([{ ev: "rejected", clientId: first }]);
    anna.send(send(first));
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

  it("closes the socket with 4008 when it is one too many", async () => {
    const anna = await online(newBucket(), "1");
    for (let frame = 0; frame < 31; frame++) anna.send(send(first));
    expect(await anna.closed).toMatchObject({ code: 4008 });
  });
});
