import { SessionId } from "../../schema/wire/ids.ts";

/** The content of a refresh token: its session, and its number among the tokens of that session, from 0. */
export type RefreshClaim = { sessionId: SessionId; generation: number };

/**
 * `<session id>.<generation>.<HMAC>`. Only the session's current generation is stored: a valid token of an older
 * generation has been used before.
 */
export async function signRefreshToken(secret: string, claim: RefreshClaim): Promise<string> {
  const signature = await crypto.subtle.sign("HMAC", await signingKey(secret), signedBytes(claim));
  return `${claim.sessionId}.${claim.generation}.${Buffer.from(signature).toString("base64url")}`;
}

/** The content of a refresh token, or null when its signature is not valid. */
export async function verifyRefreshToken(secret: string, token: string): Promise<RefreshClaim | null> {
  const [, id, count, signature = ""] = /^([\w-]{1,64})\.(0|[1-9]\d{0,8})\.([\w-]{43})$/.exec(token) ?? [];
  if (id === undefined) return null;
  const claim = { sessionId: SessionId.parse(id), generation: Number(count) };
  const bytes = Buffer.from(signature, "base64url");
  const valid = await crypto.subtle.verify("HMAC", await signingKey(secret), bytes, signedBytes(claim));
  return valid ? claim : null;
}

/** Access tokens are signed with the same secret: the prefix prevents that one is valid as the other. */
function signedBytes({ sessionId, generation }: RefreshClaim) {
  return new TextEncoder().encode(`refresh:${sessionId}.${generation}`);
}

function signingKey(secret: string): Promise<CryptoKey> {
  const bytes = new TextEncoder().encode(secret);
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
}
