import { describe, expect, it } from "vitest";
import { peerAddress } from "./peer-address.ts";

describe("the address of a client", () => {
  it.each([
    ["203.0.113.9:4711", "203.0.113.9"],
    ["[2001:db8::1]:4711", "2001:db8::1"],
    ["[::ffff:203.0.113.9]:4711", "203.0.113.9"],
    ["unix:/run/socket", "unknown"],
  ])("of a connection from %s is %s", (peer, address) => {
    expect(peerAddress(new Headers(), peer, false)).toBe(address);
  });

  it("is what the nearest proxy says, when there is one", () => {
    const headers = new Headers({ "X-Forwarded-For": "198.51.100.7, 203.0.113.9" });
    expect(peerAddress(headers, "127.0.0.1:4711", true)).toBe("203.0.113.9");
    expect(peerAddress(new Headers(), "127.0.0.1:4711", true)).toBe("127.0.0.1");
  });

  it("is not what a client says of itself", () => {
    const headers = new Headers({ "X-Forwarded-For": "198.51.100.7" });
    expect(peerAddress(headers, "203.0.113.9:4711", false)).toBe("203.0.113.9");
  });
});
