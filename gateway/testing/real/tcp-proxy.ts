import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A TCP proxy in front of a server, which a test cuts. */
export interface TcpProxy {
  readonly port: number;
  /** Closes all connections, and refuses new ones until {@link TcpProxy.mend}. */
  cut(): void;
  mend(): void;
  /** Forwards the next request of a connection to the server, and then closes all instead of forwarding the reply. */
  swallowNextReply(): void;
  close(): Promise<void>;
}

/** Starts a proxy to a port of loopback. */
export async function startTcpProxy(target: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let isCut = false;
  let swallows = false;
  const closeAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  const server = createServer((client) => {
    if (isCut) {
      client.destroy();
      return;
    }
    const upstream = connect(target, "127.0.0.1");
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.once("close", () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on("data", (data) => upstream.write(data));
    upstream.on("data", (data) => {
      if (swallows) {
        swallows = false;
        closeAll();
      } else client.write(data);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The proxy listens on no port");
  return {
    port: address.port,
    cut: () => {
      isCut = true;
      closeAll();
    },
    mend: () => {
      isCut = false;
    },
    swallowNextReply: () => {
      swallows = true;
    },
    close: async () => {
      closeAll();
      server.close();
      await once(server, "close");
    },
  };
}
