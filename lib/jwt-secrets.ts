import { z } from "zod";

const secret = z.string().min(32, "must have at least 32 characters");

/**
 * The secrets that sign tokens, as settings. To rotate them, `JWT_SECRET` becomes `JWT_SECRET_PREVIOUS` and gets a new
 * value: tokens of either are valid, new ones are signed with the current.
 */
export const JwtSettings = z.object({ JWT_SECRET: secret, JWT_SECRET_PREVIOUS: secret.optional() });

/** The secrets whose tokens are valid: the first signs, and another is there while tokens of it may be in use. */
export type JwtSecrets = readonly [current: string, ...previous: string[]];

export function jwtSecrets(settings: z.output<typeof JwtSettings>): JwtSecrets {
  const { JWT_SECRET, JWT_SECRET_PREVIOUS } = settings;
  return JWT_SECRET_PREVIOUS === undefined ? [JWT_SECRET] : [JWT_SECRET, JWT_SECRET_PREVIOUS];
}

/** A secret as an HMAC key, and the id that tokens name it by. */
export type SigningKey = { id: string; key: CryptoKey };

/** A cache of imported keys, by secret: an import costs as much as a signature. */
const keys = new Map<string, Promise<SigningKey>>();

export function signingKey(secret: string): Promise<SigningKey> {
  const known = keys.get(secret);
  if (known !== undefined) return known;
  const imported = importKey(secret);
  keys.set(secret, imported);
  return imported;
}

/** The id is the beginning of a hash of the secret: it says which secret, and nothing of it. */
async function importKey(secret: string): Promise<SigningKey> {
  const bytes = new TextEncoder().encode(secret);
  const [digest, key] = await Promise.all([
    crypto.subtle.digest("SHA-256", new TextEncoder().encode(`kid:${secret}`)),
    crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]),
  ]);
  return { id: Buffer.from(digest).toString("base64url").slice(0, 11), key };
}
