import { z } from "zod";
import type { UserId } from "../schema/wire/ids.ts";
import { cityHash32 } from "./city-hash.ts";

const HINTS = ["wnam", "enam", "sam", "weur", "eeur", "apac", "oc", "afr", "me"] as const;

/** Where Cloudflare should place a server's buckets. */
export type LocationHint = (typeof HINTS)[number];

/** A connect server: a number of buckets in one region. */
export type ConnectServer = { serverId: string; locationHint: LocationHint | undefined };

const Entry = z
  .string()
  .regex(/^[a-z0-9-]{1,32}(=[a-z]+)?$/, "must be <serverId> or <serverId>=<location hint>")
  .transform((entry, context): ConnectServer => {
    const [serverId = "", hint] = entry.split("=");
    const locationHint = HINTS.find((known) => known === hint);
    if (hint !== undefined && locationHint === undefined) context.addIssue(`unknown location hint ${hint}`);
    return { serverId, locationHint };
  });

/** `CONNECT_SERVERS`: server ids with an optional location hint, such as `eu=weur,us=enam`. */
export const ConnectServers = z
  .string()
  .transform((list) => list.split(",").map((entry) => entry.trim()))
  .pipe(z.array(Entry).min(1))
  .refine(
    (servers) => new Set(servers.map(({ serverId }) => serverId)).size === servers.length,
    "names a server twice",
  );

/** `BUCKETS_PER_SERVER`: must not change once people have connected, because it decides the bucket of each person. */
export const BucketsPerServer = z.coerce.number().int().min(1).max(100_000);

/** The bucket of a person, the same on every server. */
export function bucketOf(userId: UserId, bucketsPerServer: number): number {
  return cityHash32(userId) % bucketsPerServer;
}
