import { errors, jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import { SessionId, UserId } from "../schema/wire/ids.ts";

const ISSUER = "edge-im";
const AUDIENCE = "edge-im";
const ALGORITHM = "HS256";

/** `JWT_SECRET`: the key that signs access tokens. */
export const JwtSecret = z.string().min(32, "must have at least 32 characters");

/** How long an access token is valid, in seconds. */
export const ACCESS_TOKEN_SECONDS = 600;

/** The user and session that make a request. */
export type Caller = { userId: UserId; sessionId: SessionId };

const Claims = z.object({ sub: UserId, sid: SessionId });

/** Signs an access token for a session, valid for `lifeSeconds`. */
export async function signAccessToken(secret: string, caller: Caller, lifeSeconds: number): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ sid: caller.sessionId })
    .setProtectedHeader({ alg: ALGORITHM })
    .setSubject(caller.userId)
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setIssuedAt(now)
    .setExpirationTime(now + lifeSeconds)
    .sign(await signingKey(secret));
}

/**
 * Returns the user and session of an access token; null when its signature is wrong or it has expired. Does not check
 * whether the session has ended.
 */
export async function verifyAccessToken(secret: string, token: string): Promise<Caller | null> {
  try {
    const { payload } = await jwtVerify(token, await signingKey(secret), {
      algorithms: [ALGORITHM],
      issuer: ISSUER,
      audience: AUDIENCE,
      requiredClaims: ["sub", "sid", "exp"],
    });
    const claims = Claims.safeParse(payload);
    return claims.success ? { userId: claims.data.sub, sessionId: claims.data.sid } : null;
  } catch (fault) {
    if (fault instanceof errors.JOSEError) return null;
    throw fault;
  }
}

/** A cache of imported keys, by secret: an import costs as much as a signature. Only tests use more than one secret. */
const keys = new Map<string, Promise<CryptoKey>>();

function signingKey(secret: string): Promise<CryptoKey> {
  const known = keys.get(secret);
  if (known !== undefined) return known;
  const key = crypto.subtle.importKey(
    "raw",
    new TextEncoder().encode(secret),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign", "verify"],
  );
  keys.set(secret, key);
  return key;
}
