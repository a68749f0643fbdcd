import { cityHash32 } from "../../lib/city-hash.ts";
import type { ConnectServer, LocationHint } from "../../lib/connect-servers.ts";
import type { UserId } from "../../schema/wire/ids.ts";

/** The hints on each of Cloudflare's continents. */
const HINTS: Record<string, readonly LocationHint[] | undefined> = {
  AF: ["afr"],
  AS: ["apac", "me"],
  EU: ["weur", "eeur"],
  NA: ["enam", "wnam"],
  OC: ["oc"],
  SA: ["sam"],
};

/**
 * The connect server for a person: one on their continent, if there is any. Among several it is always the same one, so
 * that a person's devices meet in one bucket.
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
