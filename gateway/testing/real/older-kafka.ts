import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server } from "node:net";

const API_VERSIONS = 18;
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
  const [host = "", port = ""] = address.split(":");
  const server = createServer((client) => {
    const broker = connect(Number(port), host).on("error", () => client.destroy());
    const questions = new Set<number>();
    client.on("close", () => broker.destroy());
    broker.on("close", () => client.destroy());
    eachFrame(client, (frame) => {
      if (frame.readInt16BE(4) === API_VERSIONS) questions.add(frame.readInt32BE(8));
      broker.write(frame);
    });
    eachFrame(broker, (frame) => {
      if (questions.delete(frame.readInt32BE(4))) age(frame);
      client.write(frame);
    });
  });
  return listening(server);
}

/** The response of version 1: size, correlation id, error, count, then key, lowest and highest version of each. */
function age(frame: Buffer): void {
  const count = frame.readInt32BE(10);
  for (let index = 0; index < count; index += 1) {
    const at = 14 + index * 6;
    if (frame.readInt16BE(at) === FETCH) frame.writeInt16BE(FETCH_OF_OLD, at + 4);
  }
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
