import { timingSafeEqual } from "node:crypto";

/** The size of the compared buffers, in bytes. Longer than any credential, so a longer input cannot match. */
const BUFFER_BYTES = 1_024;

/**
 * Makes a function that compares an input with one secret. It always compares the same number of bytes, so that its
 * duration reveals nothing about the secret. (Hashing both would do the same at ten times the cost.)
 */
export function secretMatcher(secret: string): (given: string | undefined) => boolean {
  const expected = Buffer.alloc(BUFFER_BYTES);
  const presented = Buffer.alloc(BUFFER_BYTES);
  const length = expected.write(secret);
  if (length === BUFFER_BYTES)
    throw new RangeError(`A credential must be shorter than ${BUFFER_BYTES} bytes`);
  return (given = "") => {
    presented.fill(0);
    const written = presented.write(given);
    return timingSafeEqual(presented, expected) && written === length && given.length === secret.length;
  };
}
