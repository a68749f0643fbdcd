import { z } from "zod";

/** `<serverId>:<bucket>`: the name of a bucket's Durable Object, and its address in routes. */
export const BucketAddress = z
  .string()
  .regex(/^[a-z0-9-]{1,32}:[0-9]{1,6}$/, "must be <serverId>:<bucket>")
  .brand<"BucketAddress">();
export type BucketAddress = z.infer<typeof BucketAddress>;

/** The address of one bucket of a connect server. */
export function bucketAddress(serverId: string, bucket: number): BucketAddress {
  return BucketAddress.parse(`${serverId}:${bucket}`);
}

/** The server id and the bucket number of an address. */
export function bucketParts(address: BucketAddress): { serverId: string; bucket: number } {
  const colon = address.lastIndexOf(":");
  return { serverId: address.slice(0, colon), bucket: Number(address.slice(colon + 1)) };
}
