import { timingSafeEqual } from "node:crypto";

/** The size of the compared buffers, in bytes. Longer than any credential, so a longer input cannot match. */
const BUFFER_BYTES = 1_024;

/**
 * Makes a function that finds the value of a secret: of the first one that equals the input. It always compares all
 * secrets, and the same number of bytes of each, so that its duration reveals nothing about them. (Hashing would do the
 * same at ten times the cost.)
 */
export function secretTable<Value>(
  entries: readonly (readonly [secret: string, value: Value])[],
): (given: string | undefined) => Value | undefined {
  const presented = Buffer.alloc(BUFFER_BYTES);
  const secrets = entries.map(([secret, value]) => {
    const expected = Buffer.alloc(BUFFER_BYTES);
    const length = expected.write(secret);
    if (length === BUFFER_BYTES)
      throw new RangeError(`A credential must be shorter than ${BUFFER_BYTES} bytes`);
    return { expected, length, characters: secret.length, value };
  });
  return (given = "") => {
    presented.fill(0);
    const written = presented.write(given);
    let found: { readonly value: Value } | undefined;
    for (const secret of secrets) {
      const equal = timingSafeEqual(presented, secret.expected);
      if (equal && written === secret.length && given.length === secret.characters) found ??= secret;
    }
    return found?.value;
  };
}
