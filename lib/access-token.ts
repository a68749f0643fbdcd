import { errors, jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import { SessionId, UserId } from "../schema/wire/ids.ts";
import { type JwtSecrets, type SigningKey, signingKey } from "./jwt-secrets.ts";

const ISSUER = "edge-im";
const AUDIENCE = "edge-im";
const ALGORITHM = "HS256";

/** How long an access token is valid, in seconds. */
export const ACCESS_TOKEN_SECONDS = 600;

/** The user and session that make a request. */
export type Caller = { userId: UserId; sessionId: SessionId };

const Claims = z.object({ sub: UserId, sid: SessionId });

/** Signs an access token for a session with the current secret, valid for `lifeSeconds`. */
export async function signAccessToken(
  [current]: JwtSecrets,
  caller: Caller,
  lifeSeconds: number,
): Promise<string> {
  const { id, key } = await signingKey(current);
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ sid: caller.sessionId })
    .setProtectedHeader({ alg: ALGORITHM, kid: id })
    .setSubject(caller.userId)
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setIssuedAt(now)
    .setExpirationTime(now + lifeSeconds)
    .sign(key);
}

/**
 * Returns the user and session of an access token; null when its signature is wrong or it has expired. Does not check
 * whether the session has ended.
 */
export async function verifyAccessToken(secrets: JwtSecrets, token: string): Promise<Caller | null> {
  try {
    const keys = await Promise.all(secrets.map(signingKey));
    const { payload } = await jwtVerify(token, ({ kid }) => keyOf(keys, kid), {
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

/** The key that a token names. Tokens from before keys had ids are of the last one. */
function keyOf(keys: SigningKey[], kid: string | undefined): CryptoKey {
  const named = kid === undefined ? keys.at(-1) : keys.find(({ id }) => id === kid);
  if (named === undefined) throw new errors.JWKSNoMatchingKey();
  return named.key;
}
