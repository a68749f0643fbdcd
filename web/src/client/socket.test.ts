import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CLOSE } from "../../../schema/wire/socket.ts";
import { ApiProblem } from "./problem.ts";
import { Socket, type SocketPorts } from "./socket.ts";

const READY = JSON.stringify([{ ev: "ready", userId: "1", sessionId: "s", serverId: "local", bucket: 0 }]);

/** A `WebSocket` whose other end is the test. */
class FakeSocket extends EventTarget {
  static opened: FakeSocket[] = [];
  readonly sent: string[] = [];
  readonly url: string;
  readonly protocols: string[];
  isClosed = false;

  constructor(url: string, protocols: string[]) {
    super();
    this.url = url;
    this.protocols = protocols;
    FakeSocket.opened.push(this);
  }

  send(data: string): void {
    this.sent.push(data);
  }

  close(): void {
    this.isClosed = true;
  }

  receive(data: string): void {
    this.dispatchEvent(new MessageEvent("message", { data }));
  }

  closedByServer(code: number): void {
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }
}

const answer = { url: "ws://here/socket", ticket: "t1", serverId: "local", bucket: 0, expiresAt: "" };

/** A started socket that is ready. */
async function makeReady() {
  const ports = {
    ticket: vi.fn<SocketPorts["ticket"]>(async () => answer),
    events: vi.fn(),
    connection: vi.fn(),
    ended: vi.fn(),
  };
  const socket = new Socket(ports);
  socket.start();
  await vi.advanceTimersByTimeAsync(0);
  latest().receive(READY);
  return { socket, ports };
}

function latest(): FakeSocket {
  return FakeSocket.opened.at(-1) ?? expect.fail("no socket was opened");
}

beforeEach(() => {
  FakeSocket.opened = [];
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.spyOn(Math, "random").mockReturnValue(1);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe("a socket", () => {
  it("opens with its ticket as a subprotocol, and is online once ready", async () => {
    const { ports } = await makeReady();
    expect(latest().protocols).toEqual(["im.v1", "ticket.t1"]);
    expect(ports.connection.mock.calls).toEqual([["connecting"], ["online"]]);
    expect(ports.events).toHaveBeenCalledOnce();
  });

  it("sends nothing before it is ready", async () => {
    const { socket } = await makeReady();
    expect(socket.send({ op: "read", conversation: "group:7", seq: 1 })).toBe(true);
    latest().closedByServer(1006);
    expect(socket.send({ op: "read", conversation: "group:7", seq: 2 })).toBe(false);
  });

  it("stays while its pings are answered", async () => {
    await makeReady();
    for (let round = 1; round <= 3; round += 1) {
      await vi.advanceTimersByTimeAsync(25_000);
      expect(latest().sent).toHaveLength(round);
      latest().receive("pong");
    }
    expect(FakeSocket.opened).toHaveLength(1);
  });

  it("comes back when a ping is not answered", async () => {
    const { ports } = await makeReady();
    await vi.advanceTimersByTimeAsync(25_000 + 10_000);
    expect(latest().isClosed).toBe(true);
    expect(ports.connection).toHaveBeenLastCalledWith("offline");
    await vi.advanceTimersByTimeAsync(500);
    expect(FakeSocket.opened).toHaveLength(2);
  });

  it("waits longer after each failure, and a short time again after it proved itself", async () => {
    const { ports } = await makeReady();
    latest().closedByServer(1006);
    ports.ticket.mockRejectedValue(ApiProblem.network());
    await vi.advanceTimersByTimeAsync(500 + 1_000 + 2_000);
    expect(ports.ticket).toHaveBeenCalledTimes(4);
    ports.ticket.mockResolvedValue(answer);
    await vi.advanceTimersByTimeAsync(4_000);
    latest().receive(READY);
    await vi.advanceTimersByTimeAsync(10_000);
    latest().closedByServer(CLOSE.restarting.code);
    await vi.advanceTimersByTimeAsync(500);
    expect(FakeSocket.opened).toHaveLength(3);
  });

  it("gives up a socket that never gets ready", async () => {
    await makeReady();
    latest().closedByServer(1006);
    await vi.advanceTimersByTimeAsync(500);
    const second = latest();
    await vi.advanceTimersByTimeAsync(15_000);
    expect(second.isClosed).toBe(true);
  });

  it("leaves the server alone for as long as that asks", async () => {
    const { ports } = await makeReady();
    latest().closedByServer(1006);
    const busy = { status: 429, code: "rate_limited", message: "", retryAfter: 60_000 } as const;
    ports.ticket.mockRejectedValueOnce(new ApiProblem(busy));
    await vi.advanceTimersByTimeAsync(500 + 59_000);
    expect(ports.ticket).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(ports.ticket).toHaveBeenCalledTimes(3);
  });

  it("does not come back after a close that says so", async () => {
    const { ports } = await makeReady();
    latest().closedByServer(CLOSE.badFrames.code);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(ports.connection).toHaveBeenLastCalledWith("stopped");
    expect(FakeSocket.opened).toHaveLength(1);
  });

  it("tells when the session has ended", async () => {
    const { ports } = await makeReady();
    latest().closedByServer(CLOSE.sessionEnded.code);
    expect(ports.ended).toHaveBeenCalledOnce();
  });

  it("comes back at once when the device wakes up", async () => {
    const { socket } = await makeReady();
    latest().closedByServer(1006);
    socket.wake();
    await vi.advanceTimersByTimeAsync(0);
    expect(FakeSocket.opened).toHaveLength(2);
  });

  it("stays away once it is stopped, also when a ticket was on its way", async () => {
    const { socket } = await makeReady();
    socket.start();
    socket.stop();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(FakeSocket.opened).toHaveLength(1);
  });
});
