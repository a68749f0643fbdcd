import { timingSafeEqual } from "node:crypto";

/** Longer than any credential; what is presented beyond it cannot be right. */
const ROOM = 1_024;

/**
 * Makes a check of what callers present against one secret. Both are compared over the same number of bytes, however
 * long they are, so that the time it takes tells nothing of the secret. (Hashing both would do, at ten times the cost.)
 */
export function secretMatcher(secret: string): (given: string | undefined) => boolean {
  const expected = Buffer.alloc(ROOM);
  const presented = Buffer.alloc(ROOM);
  const length = expected.write(secret);
  if (length === ROOM) throw new RangeError(`A credential must be shorter than ${ROOM} bytes`);
  return (given = "") => {
    presented.fill(0);
    const written = presented.write(given);
    return timingSafeEqual(presented, expected) && written === length && given.length === secret.length;
  };
}
