/** The address of the client: of the connection, or what the nearest proxy says of it. Others can be forged. */
export function peerAddress(headers: Headers, peer: unknown, behindProxy: boolean): string {
  const forwarded = behindProxy ? headers.get("X-Forwarded-For")?.split(",").at(-1)?.trim() : undefined;
  if (forwarded !== undefined && forwarded !== "") return forwarded;
  // workerd writes `127.0.0.1:4711`, `[::1]:4711`, and IPv4 addresses on an IPv6 socket as `[::ffff:127.0.0.1]:4711`.
  const [, address] =
    typeof peer === "string" ? (/^\[?(?:::ffff:(?=[\d.]+\]))?(.+?)\]?:\d+$/.exec(peer) ?? []) : [];
  return address ?? "unknown";
}
