import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** The stores as the gateway serves them, by the first part of their paths. */
export const STORES = ["kafka", "redis", "sql"] as const;
export type Store = (typeof STORES)[number];

/** What happens to requests: each is passed on late, refused, left without a response, or cut off after it was applied. */
export type Disturbance = "slow" | "refused" | "silent" | "cut";

/** How much later a slow request arrives (milliseconds). */
const SLOW_MS = 500;
/** One request in so many is cut off; were it each one, nothing would ever end well. */
const CUT_EVERY = 3;

/** A proxy between the Workers and the gateway, which disturbs the requests of a store on demand. */
export class StoreProxy {
  readonly url: string;
  readonly #server: Server;
  readonly #disturbed = new Map<Store, Disturbance>();
  /** Requests that wait for the end of a silence. */
  readonly #silent = new Set<IncomingMessage>();
  #passed = 0;

  private constructor(server: Server, gatewayPort: number) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on("request", (incoming: IncomingMessage, outgoing: ServerResponse) => {
      this.#handle(incoming, outgoing, gatewayPort).catch(() => incoming.socket.destroy());
    });
  }

  /** Listens on a free port. */
  static async open(gatewayPort: number): Promise<StoreProxy> {
    const server = createServer({ keepAliveTimeout: 60_000 });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new StoreProxy(server, gatewayPort);
  }

  /** Disturbs the requests of a store until `heal`. */
  disturb(store: Store, how: Disturbance): void {
    this.#disturbed.set(store, how);
  }

  /** Requests pass as they come. Those that wait in a silence lose their connections. */
  heal(store: Store): void {
    this.#disturbed.delete(store);
    for (const incoming of this.#silent) {
      if (storeOf(incoming) !== store) continue;
      this.#silent.delete(incoming);
      incoming.socket.destroy();
    }
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #handle(incoming: IncomingMessage, outgoing: ServerResponse, port: number): Promise<void> {
    const store = storeOf(incoming);
    const disturbance = store === undefined ? undefined : this.#disturbed.get(store);
    if (disturbance === "refused") return void incoming.socket.destroy();
    if (disturbance === "silent") return void this.#silent.add(incoming);
    if (disturbance === "slow") await sleep(SLOW_MS);
    const isCut = disturbance === "cut" && ++this.#passed % CUT_EVERY === 0;
    const { method, url, headers } = incoming;
    const upstream = request({ host: "127.0.0.1", port, method, path: url, headers }, (response) => {
      // It was applied: the response is there. Whoever asked never sees it.
      if (isCut) return void incoming.socket.destroy();
      outgoing.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(outgoing);
      response.on("error", () => incoming.socket.destroy());
    });
    upstream.on("error", () => incoming.socket.destroy());
    incoming.pipe(upstream);
  }
}

function storeOf({ url = "" }: IncomingMessage): Store | undefined {
  return STORES.find((store) => url.startsWith(`/${store}`));
}
