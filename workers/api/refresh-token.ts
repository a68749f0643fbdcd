import { SessionId } from "../../schema/wire/ids.ts";

/** What a refresh token says: which session it renews, and as which of its tokens, counted from 0. */
export type RefreshClaim = { sessionId: SessionId; generation: number };

/**
 * `<session id>.<generation>.<HMAC>`: nothing of it needs to be stored but the session's current generation. A valid
 * token of an older generation has been used before.
 */
export async function signRefreshToken(secret: string, claim: RefreshClaim): Promise<string> {
  const signature = await crypto.subtle.sign("HMAC", await signingKey(secret), signedBytes(claim));
  return `${claim.sessionId}.${claim.generation}.${Buffer.from(signature).toString("base64url")}`;
}

/** What a refresh token says, or null when it is not one of ours. */
export async function verifyRefreshToken(secret: string, token: string): Promise<RefreshClaim | null> {
  const [, id, count, signature = ""] = /^([\w-]{1,64})\.(0|[1-9]\d{0,8})\.([\w-]{43})$/.exec(token) ?? [];
  if (id === undefined) return null;
  const claim = { sessionId: SessionId.parse(id), generation: Number(count) };
  const bytes = Buffer.from(signature, "base64url");
  const valid = await crypto.subtle.verify("HMAC", await signingKey(secret), bytes, signedBytes(claim));
  return valid ? claim : null;
}

/** The prefix keeps it apart from access tokens, which are signed with the same secret. */
function signedBytes({ sessionId, generation }: RefreshClaim) {
  return new TextEncoder().encode(`refresh:${sessionId}.${generation}`);
}

function signingKey(secret: string): Promise<CryptoKey> {
  const bytes = new TextEncoder().encode(secret);
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
}
