import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server } from "node:net";

const API_VERSIONS = 18;
const METADATA = 3;
const FETCH = 1;
const FETCH_OF_OLD = 11;

/** A server for one test. */
export interface Listening {
  readonly address: string;
  close(): Promise<void>;
}

/** Listens on a free port; closing it ends its connections. */
export async function listening(server: Server): Promise<Listening> {
  const sockets = new Set<{ destroy(): void }>();
  server.on("connection", (socket) => sockets.add(socket.on("error", () => {})));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** A real Kafka, but for what it says of its versions: that it knows no newer fetch than those before Kafka 2.7. */
export function olderKafka(address: string): Promise<Listening> {
  return alteredKafka(address, API_VERSIONS, (frame) => {
    // Version 1: size, correlation id, error, count, then key, lowest and highest version of each.
    const count = frame.readInt32BE(10);
    for (let index = 0; index < count; index += 1) {
      const at = 14 + index * 6;
      if (frame.readInt16BE(at) === FETCH) frame.writeInt16BE(FETCH_OF_OLD, at + 4);
    }
    return frame;
  });
}

/** A real Kafka, but it says so often that its cluster has no brokers, as one does that is starting. */
export function startingKafka(address: string, times: number): Promise<Listening> {
  let left = times;
  return alteredKafka(address, METADATA, (frame) => {
    left -= 1;
    return left < 0 ? frame : withoutBrokers(frame);
  });
}

/**
 * Version 12: size, correlation id, no tags, throttle time, then the brokers: their count plus one, and of each its number, its
 * host, its port, its rack and no tags. A text begins with its length plus one. Everything is short here.
 */
function withoutBrokers(frame: Buffer): Buffer {
  const brokers = 13;
  let end = brokers + 1;
  for (let left = frame.readUInt8(brokers) - 1; left > 0; left -= 1) {
    end += 4;
    end += Math.max(1, frame.readUInt8(end)) + 4;
    end += Math.max(1, frame.readUInt8(end)) + 1;
  }
  const altered = Buffer.concat([frame.subarray(0, brokers), Buffer.of(1), frame.subarray(end)]);
  altered.writeInt32BE(altered.length - 4, 0);
  return altered;
}

/** Passes everything on to a Kafka, but the responses to one kind of request as `alter` returns them. */
function alteredKafka(address: string, api: number, alter: (frame: Buffer) => Buffer): Promise<Listening> {
  const [host = "", port = ""] = address.split(":");
  const server = createServer((client) => {
    const broker = connect(Number(port), host).on("error", () => client.destroy());
    const questions = new Set<number>();
    client.on("close", () => broker.destroy());
    broker.on("close", () => client.destroy());
    eachFrame(client, (frame) => {
      if (frame.readInt16BE(4) === api) questions.add(frame.readInt32BE(8));
      broker.write(frame);
    });
    eachFrame(broker, (frame) => {
      client.write(questions.delete(frame.readInt32BE(4)) ? alter(frame) : frame);
    });
  });
  return listening(server);
}

function eachFrame(stream: NodeJS.ReadableStream, use: (frame: Buffer) => void): void {
  let rest: Buffer = Buffer.alloc(0);
  stream.on("data", (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const end = 4 + rest.readInt32BE(0);
      use(rest.subarray(0, end));
      rest = rest.subarray(end);
    }
  });
}
