import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import type { Order, Tally } from "./orders.ts";
import { spreadOf } from "./spread.ts";

type BareOrder = Extract<Order, { kind: "echo" | "broadcast" }>;
/** A frame under way: when it was sent, and how many sockets do not have it yet. */
type Flight = { at: number; missing: number };

/** About the size of a message of the system on the wire. */
const PADDING = "x".repeat(160);
/** How long to wait for frames after the last was sent (milliseconds). */
const TAIL_MS = 1_000;

/** Keeps frames under way with the bare Workers: each is sent again when all its receivers have it. */
export async function measureBare({
  kind,
  url,
  sockets: count,
  underWay,
  seconds,
}: BareOrder): Promise<Tally> {
  const sockets = await Promise.all(Array.from({ length: count }, () => open(url)));
  const receivers = kind === "echo" ? 1 : count;
  const flights = new Map<string, Flight>();
  const receivedMs: number[] = [];
  let frames = 0;
  let isOver = false;

  const send = (socket: WebSocket, name: string) => {
    flights.set(name, { at: performance.now(), missing: receivers });
    socket.send(JSON.stringify({ name, padding: PADDING }));
  };
  const hear = (frame: string) => {
    frames += 1;
    const { name }: { name: string } = JSON.parse(frame);
    const flight = flights.get(name);
    if (flight === undefined) throw new Error(`received ${name}, which is not under way`);
    flight.missing -= 1;
    if (flight.missing > 0) return;
    receivedMs.push(performance.now() - flight.at);
    const sender = sockets[Number(name.split(".")[0])];
    if (!isOver && sender !== undefined) send(sender, name);
  };
  for (const socket of sockets) socket.on("message", (data) => hear(String(data)));

  const began = performance.now();
  for (const [index, socket] of sockets.entries()) {
    const own =
      kind === "echo" ? underWay : Math.floor(underWay / count) + (index < underWay % count ? 1 : 0);
    for (let place = 0; place < own; place++) send(socket, `${index}.${place}`);
  }
  await sleep(seconds * 1_000);
  isOver = true;
  const tally: Tally = {
    done: receivedMs.length,
    deliveries: frames,
    seconds: (performance.now() - began) / 1_000,
    receivedMs: spreadOf(receivedMs),
    acceptedMs: spreadOf([]),
    frames,
    events: frames,
    repeats: 0,
  };
  await sleep(TAIL_MS);
  await Promise.all(sockets.map(close));
  return tally;
}

async function close(socket: WebSocket): Promise<void> {
  const closed = once(socket, "close");
  socket.close();
  await closed;
}

async function open(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url, { perMessageDeflate: false, skipUTF8Validation: true });
  await once(socket, "open");
  return socket;
}
