import type { Context } from "hono";

/** The address by which limits count a request: an IPv4 address, or the /64 network of an IPv6 address. */
export function clientAddress(context: Context): string {
  // Set by Cloudflare: a client cannot forge it.
  return addressBlock(context.req.header("CF-Connecting-IP") ?? "unknown");
}

/** One subscriber has a whole /64 of IPv6, so its addresses count as one. */
export function addressBlock(address: string): string {
  if (!address.includes(":") || address.includes(".")) return address;
  const [head, tail] = address.split("::").map((part) => (part === "" ? [] : part.split(":")));
  const [before, after] = [head ?? [], tail ?? []];
  const zeros: string[] = Array(Math.max(0, 8 - before.length - after.length)).fill("0");
  const network = [...before, ...zeros, ...after].slice(0, 4);
  return `${network.map((group) => Number.parseInt(group, 16).toString(16)).join(":")}::/64`;
}
