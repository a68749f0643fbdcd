import { cityHash32 } from "../../lib/city-hash.ts";
import type { ConnectServer, LocationHint } from "../../lib/connect-servers.ts";
import type { UserId } from "../../schema/wire/ids.ts";

/** The location hints of each continent, by Cloudflare's continent codes. */
const HINTS: Record<string, readonly LocationHint[] | undefined> = {
  AF: ["afr"],
  AS: ["apac", "me"],
  EU: ["weur", "eeur"],
  NA: ["enam", "wnam"],
  OC: ["oc"],
  SA: ["sam"],
};

/**
 * The connect server for a person: one on their continent, if there is any, otherwise any. Among several, a user id always
 * maps to the same one, so that all devices of a person on a continent share a bucket.
 */
export function pickServer(
  servers: readonly ConnectServer[],
  userId: UserId,
  continent: string | undefined,
): ConnectServer {
  const hints = HINTS[continent ?? ""] ?? [];
  const near = servers.filter(
    ({ locationHint }) => locationHint !== undefined && hints.includes(locationHint),
  );
  const candidates = near.length > 0 ? near : servers;
  const picked = candidates[cityHash32(userId) % candidates.length];
  if (picked === undefined) throw new Error("no connect server is configured");
  return picked;
}
