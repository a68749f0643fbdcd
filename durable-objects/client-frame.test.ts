import { describe, expect, it } from "vitest";
import { frameBytes, readFrame } from "./client-frame.ts";

const clientId = "0b0f4a3e-8c5e-4b8a-9d54-0f2d0c3a9a10";
const send = { op: "send", conversation: "dm:1:2", clientId, content: { type: "text", text: "hello" } };

describe("a client's frame", () => {
  it("is read when it is good", () => {
    expect(readFrame(JSON.stringify(send))).toMatchObject({ ok: true, frame: send });
    const read = { op: "read", conversation: "group:7", seq: 3 };
    expect(readFrame(JSON.stringify(read))).toMatchObject({ ok: true, frame: read });
  });

  it.each(["", "{", "pong", "\u0000"])("that is no JSON (%j) gets an error", (text) => {
    expect(readFrame(text)).toMatchObject({
      ok: false,
      report: { ev: "error", problem: { code: "invalid_json" } },
    });
  });

  it.each(["null", "[]", "7", "{}", '{"op":"dance"}', '{"op":"read","conversation":"dm:2:1","seq":1}'])(
    "that means nothing (%s) gets an error that says where",
    (text) => {
      const read = readFrame(text);
      expect(read).toMatchObject({
        ok: false,
        report: { ev: "error", problem: { code: "invalid_request" } },
      });
      expect(read).toHaveProperty("report.problem.errors.0.message");
    },
  );

  it("that is binary gets an error", () => {
    expect(readFrame(new ArrayBuffer(3))).toMatchObject({ ok: false, report: { ev: "error" } });
  });

  it("that is a bad send is rejected under its client id", () => {
    const bad = { ...send, content: { type: "text", text: "" } };
    expect(readFrame(JSON.stringify(bad))).toMatchObject({
      ok: false,
      report: {
        ev: "rejected",
        clientId,
        problem: { code: "invalid_request", errors: [{ path: "content.text" }] },
      },
    });
  });

  it("that is a bad send without a usable client id gets an error", () => {
    expect(readFrame(JSON.stringify({ ...send, clientId: "1" }))).toMatchObject({
      report: { ev: "error", problem: { errors: [{ path: "clientId" }] } },
    });
  });

  it("that is an unknown operation gets an error, whatever its client id", () => {
    expect(readFrame(JSON.stringify({ ...send, op: "dance" }))).toMatchObject({ report: { ev: "error" } });
  });

  it("is measured in bytes of UTF-8", () => {
    expect(frameBytes("x".repeat(65_537))).toBe(65_537);
    expect(frameBytes("é€😀")).toBe(9);
    expect(frameBytes(new ArrayBuffer(65_537))).toBe(65_537);
  });
});
