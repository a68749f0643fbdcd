import { WorkerEntrypoint } from "cloudflare:workers";
import { timingSafeEqual } from "node:crypto";
import { Bucket as PlainBucket } from "../../durable-objects/bucket.ts";
import type { DeliveryItem } from "../../lib/rpc/bucket.ts";
import { BucketAddress } from "../../schema/internal/bucket-address.ts";
import { CLOSE } from "../../schema/wire/socket.ts";
import type { ConnectEnv } from "../connect/context.ts";
import { BUCKET_HEADER, type BucketPortRpc, KEY_HEADER } from "./bucket-port.ts";

// The process of one connect server: its buckets, and sockets that come to it directly.
export { default } from "../connect/main.ts";

type ServerEnv = Omit<ConnectEnv, "BUCKETS"> & {
  BUCKETS: DurableObjectNamespace<Bucket>;
  INTERNAL_KEY: string;
};

/** The buckets in which a socket was opened since the process started: no others can hold any. */
const opened = new Set<string>();
let ending = false;

/** A bucket that can send its sockets away, when its process is to end. */
export class Bucket extends PlainBucket {
  override fetch(request: Request): Response {
    if (ending) return new Response(null, { status: 503, headers: { "Retry-After": "1" } });
    opened.add(this.ctx.id.name ?? "");
    return super.fetch(request);
  }

  /** Closes all sockets. Their clients open new ones after a random wait. Returns how many there were. */
  endSockets(): number {
    const sockets = this.ctx.getWebSockets();
    for (const socket of sockets) socket.close(CLOSE.restarting.code, CLOSE.restarting.reason);
    return sockets.length;
  }
}

/** What the other processes call. */
export class BucketPort extends WorkerEntrypoint<ServerEnv> implements BucketPortRpc {
  deliver(address: BucketAddress, items: DeliveryItem[]) {
    return this.#bucket(address).deliver(items);
  }

  register(address: BucketAddress) {
    return this.#bucket(address).register();
  }

  /** Requests, unlike calls, come without a proof that their sender knows the key. */
  override async fetch(request: Request): Promise<Response> {
    if (!isKey(request.headers.get(KEY_HEADER), this.env.INTERNAL_KEY))
      return new Response(null, { status: 403 });
    return await this.#bucket(BucketAddress.parse(request.headers.get(BUCKET_HEADER))).fetch(request);
  }

  #bucket(address: BucketAddress) {
    return this.env.BUCKETS.getByName(address);
  }
}

/** What the process that has started this one asks of it. */
export class Control extends WorkerEntrypoint<ServerEnv> {
  override async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/health") return new Response("ok");
    if (pathname !== "/end") return new Response(null, { status: 404 });
    ending = true;
    const closed = await Promise.all(
      [...opened].map((name) => this.env.BUCKETS.getByName(name).endSockets()),
    );
    return Response.json({ sockets: closed.reduce((sum, count) => sum + count, 0) });
  }
}

function isKey(given: string | null, key: string): boolean {
  const [one, other] = [Buffer.from(given ?? ""), Buffer.from(key)];
  return one.byteLength === other.byteLength && timingSafeEqual(one, other);
}
