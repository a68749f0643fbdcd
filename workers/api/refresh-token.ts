import { type JwtSecrets, signingKey } from "../../lib/jwt-secrets.ts";
import { SessionId } from "../../schema/wire/ids.ts";

/** The content of a refresh token: its session, and its number among the tokens of that session, from 0. */
export type RefreshClaim = { sessionId: SessionId; generation: number };

/**
 * `<session id>.<generation>.<HMAC>`. Only the session's current generation is stored: a valid token of an older
 * generation has been used before.
 */
export async function signRefreshToken([current]: JwtSecrets, claim: RefreshClaim): Promise<string> {
  const { key } = await signingKey(current);
  const signature = await crypto.subtle.sign("HMAC", key, signedBytes(claim));
  return `${claim.sessionId}.${claim.generation}.${Buffer.from(signature).toString("base64url")}`;
}

/** The content of a refresh token, or null when its signature is of none of the secrets. */
export async function verifyRefreshToken(secrets: JwtSecrets, token: string): Promise<RefreshClaim | null> {
  const [, id, count, signature = ""] = /^([\w-]{1,64})\.(0|[1-9]\d{0,8})\.([\w-]{43})$/.exec(token) ?? [];
  if (id === undefined) return null;
  const claim = { sessionId: SessionId.parse(id), generation: Number(count) };
  const bytes = Buffer.from(signature, "base64url");
  const verified = await Promise.all(
    secrets.map(async (secret) => {
      const { key } = await signingKey(secret);
      return crypto.subtle.verify("HMAC", key, bytes, signedBytes(claim));
    }),
  );
  return verified.includes(true) ? claim : null;
}

/** Access tokens are signed with the same secret: the prefix prevents that one is valid as the other. */
function signedBytes({ sessionId, generation }: RefreshClaim) {
  return new TextEncoder().encode(`refresh:${sessionId}.${generation}`);
}
