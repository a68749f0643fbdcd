import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { z } from "zod";

const BLOCK_SIZE = 8;
const PARALLELISM = 5;
const HASH_BYTES = 32;

/** `PASSWORD_COST`: scrypt's N for new hashes, a power of two. */
export const PasswordCost = z.coerce
  .number()
  .int()
  .min(2)
  .max(1 << 20)
  .refine((cost) => Number.isInteger(Math.log2(cost)), "must be a power of two")
  .default(16_384);

type Parameters = { cost: number; blockSize: number; parallelism: number };

/** `scrypt$N$r$p$salt$hash`: each hash contains its cost, so that older hashes stay valid when the setting changes. */
export async function hashPassword(password: string, cost: number): Promise<string> {
  const parameters = { cost, blockSize: BLOCK_SIZE, parallelism: PARALLELISM };
  const salt = randomBytes(16);
  const hash = await derive(password, salt, parameters);
  const numbers = [cost, BLOCK_SIZE, PARALLELISM];
  return ["scrypt", ...numbers, salt.toString("base64url"), hash.toString("base64url")].join("$");
}

/** Whether a password is the one that was hashed. */
export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const [scheme, cost, blockSize, parallelism, salt = "", hash = ""] = stored.split("$");
  if (scheme !== "scrypt") throw new Error("a stored password hash is of an unknown scheme");
  const expected = Buffer.from(hash, "base64url");
  const actual = await derive(password, Buffer.from(salt, "base64url"), {
    cost: Number(cost),
    blockSize: Number(blockSize),
    parallelism: Number(parallelism),
  });
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

/** Takes as long as `verifyPassword`, so that the duration does not tell whether a user exists. Returns false. */
export async function verifyNothing(password: string, cost: number): Promise<false> {
  await derive(password, Buffer.alloc(16), { cost, blockSize: BLOCK_SIZE, parallelism: PARALLELISM });
  return false;
}

const scryptAsync = promisify<string, Buffer, number, object, Buffer>(scrypt);

/** NFC, because devices compose the same typed characters differently. */
function derive(
  password: string,
  salt: Buffer,
  { cost, blockSize, parallelism }: Parameters,
): Promise<Buffer> {
  return scryptAsync(password.normalize("NFC"), salt, HASH_BYTES, {
    N: cost,
    r: blockSize,
    p: parallelism,
    // Node's default of 32 MiB is slightly too small for N = 16384 with p = 5.
    maxmem: 256 * blockSize * (cost + parallelism),
  });
}
