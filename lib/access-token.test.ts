import { decodeProtectedHeader, SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { SessionId, UserId } from "../schema/wire/ids.ts";
import { signAccessToken, verifyAccessToken } from "./access-token.ts";

const secret = "a secret of at least thirty-two characters";
const next = "another secret of at least thirty-two characters";
const caller = { userId: UserId.parse("42"), sessionId: SessionId.parse("s1") };

describe("an access token", () => {
  it("names its user and session", async () => {
    const token = await signAccessToken([secret], caller, 60);
    expect(await verifyAccessToken([secret], token)).toEqual(caller);
  });

  it("is refused once it has expired", async () => {
    const token = await signAccessToken([secret], caller, -1);
    expect(await verifyAccessToken([secret], token)).toBeNull();
  });

  it("is refused when it has another signature or is not a token", async () => {
    const token = await signAccessToken([next], caller, 60);
    expect(await verifyAccessToken([secret], token)).toBeNull();
    expect(await verifyAccessToken([secret], "nonsense")).toBeNull();
  });

  it("stays valid when its secret has become the previous one, and not longer", async () => {
    const token = await signAccessToken([secret], caller, 60);
    expect(await verifyAccessToken([next, secret], token)).toEqual(caller);
    expect(await verifyAccessToken([next], token)).toBeNull();
    const renewed = await signAccessToken([next, secret], caller, 60);
    expect(await verifyAccessToken([next], renewed)).toEqual(caller);
    const ids = [token, renewed].map((text) => decodeProtectedHeader(text).kid);
    expect(ids).toEqual([expect.any(String), expect.any(String)]);
    expect(new Set(ids).size).toBe(2);
  });

  it("is refused when it names one secret and is signed with the other", async () => {
    const header = decodeProtectedHeader(await signAccessToken([next], caller, 60));
    const forged = await new SignJWT({ sid: "s1" })
      .setProtectedHeader({ alg: "HS256", kid: String(header.kid) })
      .setSubject("42")
      .setIssuer("edge-im")
      .setAudience("edge-im")
      .setExpirationTime("1m")
      .sign(new TextEncoder().encode(secret));
    expect(await verifyAccessToken([next, secret], forged)).toBeNull();
  });

  it("is refused when it was made for another purpose", async () => {
    const token = await new SignJWT({ sid: "s1" })
      .setProtectedHeader({ alg: "HS256" })
      .setSubject("42")
      .setIssuer("edge-im")
      .setAudience("another")
      .setExpirationTime("1m")
      .sign(new TextEncoder().encode(secret));
    expect(await verifyAccessToken([secret], token)).toBeNull();
  });
});
