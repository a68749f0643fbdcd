import { expect, it } from "vitest";
import { SessionId } from "../../schema/wire/ids.ts";
import { signRefreshToken, verifyRefreshToken } from "./refresh-token.ts";

const secret = "a secret of at least thirty-two characters";
const claim = { sessionId: SessionId.parse("6f9619ff-8b86-d011-b42d-00c04fc964ff"), generation: 7 };

it("returns the session and the generation of a token", async () => {
  expect(await verifyRefreshToken([secret], await signRefreshToken([secret], claim))).toEqual(claim);
});

it("refuses a token that was signed with another secret", async () => {
  expect(await verifyRefreshToken([secret], await signRefreshToken([`${secret}!`], claim))).toBeNull();
});

it("accepts a token of the previous secret, and none of an older one", async () => {
  const token = await signRefreshToken([secret], claim);
  expect(await verifyRefreshToken([`${secret}!`, secret], token)).toEqual(claim);
  expect(await verifyRefreshToken([`${secret}!`], token)).toBeNull();
});

it("refuses a token whose session or generation was changed", async () => {
  const [id, , signature] = (await signRefreshToken([secret], claim)).split(".");
  expect(await verifyRefreshToken([secret], `${id}.8.${signature}`)).toBeNull();
  expect(await verifyRefreshToken([secret], `other.7.${signature}`)).toBeNull();
});

it.each(["", "a.b.c", "x.1", "x.-1.y", "x.01.y", "\u0000.0.x"])("refuses %j", async (token) => {
  expect(await verifyRefreshToken([secret], token)).toBeNull();
});
