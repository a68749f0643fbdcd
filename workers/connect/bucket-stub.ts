import type { Bucket } from "../../durable-objects/bucket.ts";
import { type BucketAddress, bucketParts } from "../../schema/internal/bucket-address.ts";
import type { Connect } from "./context.ts";

/** The object behind an address, made near its server's place when it is not there yet. */
export function bucketStub({ buckets, servers }: Connect, address: BucketAddress): DurableObjectStub<Bucket> {
  const { serverId } = bucketParts(address);
  const locationHint = servers.find((server) => server.serverId === serverId)?.locationHint;
  return buckets.getByName(address, locationHint === undefined ? {} : { locationHint });
}
