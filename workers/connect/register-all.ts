import { bucketAddress } from "../../schema/internal/bucket-address.ts";
import { bucketStub } from "./bucket-stub.ts";
import type { Connect } from "./context.ts";

/** How many buckets are called at a time. */
const AT_A_TIME = 32;

/** Has every bucket register all that it holds. Throws when one of them could not. */
export async function registerAll(connect: Connect): Promise<void> {
  const addresses = connect.servers.flatMap(({ serverId }) =>
    Array.from({ length: connect.bucketsPerServer }, (_, bucket) => bucketAddress(serverId, bucket)),
  );
  for (let start = 0; start < addresses.length; start += AT_A_TIME) {
    const some = addresses.slice(start, start + AT_A_TIME);
    await Promise.all(some.map((address) => bucketStub(connect, address).register()));
  }
}
