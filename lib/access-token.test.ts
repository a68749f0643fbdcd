import { SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { SessionId, UserId } from "../schema/wire/ids.ts";
import { signAccessToken, verifyAccessToken } from "./access-token.ts";

const secret = "a secret of at least thirty-two characters";
const caller = { userId: UserId.parse("42"), sessionId: SessionId.parse("s1") };

describe("an access token", () => {
  it("names its user and session", async () => {
    const token = await signAccessToken(secret, caller, 60);
    expect(await verifyAccessToken(secret, token)).toEqual(caller);
  });

  it("is refused once it has expired", async () => {
    const token = await signAccessToken(secret, caller, -1);
    expect(await verifyAccessToken(secret, token)).toBeNull();
  });

  it("is refused when it has another signature or is not a token", async () => {
    const token = await signAccessToken(`${secret}!`, caller, 60);
    expect(await verifyAccessToken(secret, token)).toBeNull();
    expect(await verifyAccessToken(secret, "nonsense")).toBeNull();
  });

  it("is refused when it was made for another purpose", async () => {
    const token = await new SignJWT({ sid: "s1" })
      .setProtectedHeader({ alg: "HS256" })
      .setSubject("42")
      .setIssuer("edge-im")
      .setAudience("another")
      .setExpirationTime("1m")
      .sign(new TextEncoder().encode(secret));
    expect(await verifyAccessToken(secret, token)).toBeNull();
  });
});
