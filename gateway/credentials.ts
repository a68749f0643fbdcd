import { hash, timingSafeEqual } from "node:crypto";

/**
 * Makes a check of what callers present against one secret. Both sides are hashed first, so that the time it takes
 * tells nothing of the secret, not even its length.
 */
export function secretMatcher(secret: string): (given: string | undefined) => boolean {
  const expected = hash("sha256", secret, "buffer");
  return (given) => given !== undefined && timingSafeEqual(hash("sha256", given, "buffer"), expected);
}
