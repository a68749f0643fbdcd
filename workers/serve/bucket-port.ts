import type { BucketRpc, DeliveryItem } from "../../lib/rpc/bucket.ts";
import type { BucketAddress } from "../../schema/internal/bucket-address.ts";

/** The header that names the bucket of a request for a socket. */
export const BUCKET_HEADER = "edge-im-bucket";
/** The header with the key that the processes of a system share. */
export const KEY_HEADER = "edge-im-key";

/** What the process of a connect server offers to the others: the calls of `BucketRpc`, with the bucket's address. */
export interface BucketPortRpc {
  deliver(address: BucketAddress, items: DeliveryItem[]): ReturnType<BucketRpc["deliver"]>;
  register(address: BucketAddress): ReturnType<BucketRpc["register"]>;
  /** Opens a socket in the bucket that `BUCKET_HEADER` names. */
  fetch(request: Request): Promise<Response>;
}
