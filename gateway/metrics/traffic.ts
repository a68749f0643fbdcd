import type { Server } from "node:http";
import type { Socket } from "node:net";

/** The bytes that a server has received and sent, headers included. */
export class Traffic {
  readonly #open = new Set<Socket>();
  readonly #closed = { received: 0, sent: 0 };

  /** Counts the bytes of all connections of a server. Costs nothing per request: the sockets count by themselves. */
  watch(server: Server): void {
    server.on("connection", (socket: Socket) => {
      this.#open.add(socket);
      socket.once("close", () => {
        this.#open.delete(socket);
        this.#closed.received += socket.bytesRead;
        this.#closed.sent += socket.bytesWritten;
      });
    });
  }

  /** The bytes so far, of open and closed connections. */
  get bytes(): { readonly received: number; readonly sent: number } {
    const total = { ...this.#closed };
    for (const socket of this.#open) {
      total.received += socket.bytesRead;
      total.sent += socket.bytesWritten;
    }
    return total;
  }
}
