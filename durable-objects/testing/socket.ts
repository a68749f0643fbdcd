import { SessionId, UserId } from "../../schema/wire/ids.ts";
import { upgradeRequest } from "../upgrade.ts";

type Event = { ev: string } & Record<string, unknown>;

/** A client's end of a socket: what comes is kept, and can be waited for. */
export class TestSocket {
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #socket: WebSocket;
  readonly #texts: string[] = [];
  readonly #waiting: ((text: string) => void)[] = [];

  constructor(socket: WebSocket) {
    this.#socket = socket;
    const { promise, resolve } = Promise.withResolvers<{ code: number; reason: string }>();
    this.closed = promise;
    socket.addEventListener("message", ({ data }) => this.#receive(String(data)));
    socket.addEventListener("close", ({ code, reason }) => resolve({ code, reason }));
    socket.accept();
  }

  /** The events of the next frame. */
  async frame(): Promise<Event[]> {
    return JSON.parse(await this.text());
  }

  /** The next frame as it is. */
  text(): Promise<string> {
    const text = this.#texts.shift();
    if (text !== undefined) return Promise.resolve(text);
    const { promise, resolve } = Promise.withResolvers<string>();
    this.#waiting.push(resolve);
    return promise;
  }

  send(frame: unknown): void {
    this.#socket.send(
      typeof frame === "string" || frame instanceof ArrayBuffer ? frame : JSON.stringify(frame),
    );
  }

  close(): void {
    this.#socket.close(1000);
  }

  #receive(text: string): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#texts.push(text);
    else waiting(text);
  }
}

/** What a frame's events are called. */
export function names(frame: Event[]): string[] {
  return frame.map(({ ev }) => ev);
}

/** Opens a socket of a bucket, without waiting for `ready`. */
export async function connect(bucket: Fetcher, userId: string, sessionId = "s1"): Promise<TestSocket> {
  const caller = { userId: UserId.parse(userId), sessionId: SessionId.parse(sessionId) };
  const { webSocket } = await bucket.fetch(upgradeRequest(caller));
  if (webSocket === null) throw new Error("the bucket did not return a socket");
  return new TestSocket(webSocket);
}

/** Opens a socket and waits until it is ready. */
export async function online(bucket: Fetcher, userId: string, sessionId = "s1"): Promise<TestSocket> {
  const socket = await connect(bucket, userId, sessionId);
  const [ready] = await socket.frame();
  if (ready?.ev !== "ready") throw new Error(`expected ready, got ${ready?.ev}`);
  return socket;
}

/** A client id, the same for the same number. */
export function clientId(number: number): string {
  return `0b0f4a3e-8c5e-4b8a-9d54-${String(number).padStart(12, "0")}`;
}

/** An operation: a message with the client id of a number. */
export function send(number: number) {
  const content = { type: "text", text: "hello" };
  return { op: "send", conversation: "dm:1:2", clientId: clientId(number), content };
}

/** A signal: somebody has read up to a place. */
export function read(seq: number) {
  return { op: "read", conversation: "group:9", seq };
}
