import { describe, expect, it } from "vitest";
import { isTooLarge, readFrame } from "./client-frame.ts";

const clientId = "0b0f4a3e-8c5e-4b8a-9d54-0f2d0c3a9a10";
const send = { op: "send", conversation: "dm:1:2", clientId, content: { type: "text", text: "hello" } };

describe("a client's frame", () => {
  it("is read when it is good", () => {
    expect(readFrame(JSON.stringify(send))).toMatchObject({ ok: true, frame: send });
    const read = { op: "read", conversation: "group:7", seq: 3 };
    expect(readFrame(JSON.stringify(read))).toMatchObject({ ok: true, frame: read });
  });

  it.each(["", "{", "pong", "\u0000"])("that is no JSON (%j) is answered with an error", (text) => {
    expect(readFrame(text)).toMatchObject({
      ok: false,
      answer: { ev: "error", problem: { code: "invalid_json" } },
    });
  });

  it.each(["null", "[]", "7", "{}", '{"op":"dance"}', '{"op":"read","conversation":"dm:2:1","seq":1}'])(
    "that means nothing (%s) is answered with an error that says where",
    (text) => {
      const read = readFrame(text);
      expect(read).toMatchObject({
        ok: false,
        answer: { ev: "error", problem: { code: "invalid_request" } },
      });
      expect(read).toHaveProperty("answer.problem.errors.0.message");
    },
  );

  it("that is binary is answered with an error", () => {
    expect(readFrame(new ArrayBuffer(3))).toMatchObject({ ok: false, answer: { ev: "error" } });
  });

  it("that is a bad send is rejected under its client id", () => {
    const bad = { ...send, content: { type: "text", text: "" } };
    expect(readFrame(JSON.stringify(bad))).toMatchObject({
      ok: false,
      answer: {
        ev: "rejected",
        clientId,
        problem: { code: "invalid_request", errors: [{ path: "content.text" }] },
      },
    });
  });

  it("that is a bad send without a usable client id gets an error", () => {
    expect(readFrame(JSON.stringify({ ...send, clientId: "1" }))).toMatchObject({
      answer: { ev: "error", problem: { errors: [{ path: "clientId" }] } },
    });
  });

  it("is measured in bytes", () => {
    expect(isTooLarge("x".repeat(65_536))).toBe(false);
    expect(isTooLarge("x".repeat(65_537))).toBe(true);
    expect(isTooLarge("€".repeat(21_845))).toBe(false);
    expect(isTooLarge("€".repeat(21_846))).toBe(true);
    expect(isTooLarge(new ArrayBuffer(65_537))).toBe(true);
  });
});
