import { describe, expect, it } from "vitest";
import { mp4, mutated, ogg, png, webm } from "../../../lib/media.fixture.ts";
import { Problem } from "../../../lib/problem.ts";
import { readVoice } from "./voice.ts";

const RECORDINGS = [
  ["audio/ogg", ogg],
  ["audio/webm", webm],
  ["audio/mp4", mp4],
] as const;

async function codeOf(bytes: Uint8Array): Promise<string> {
  try {
    await readVoice(bytes);
    return "ok";
  } catch (fault) {
    if (fault instanceof Problem) return fault.code;
    throw fault;
  }
}

describe("a recording", () => {
  it.each(RECORDINGS)("has its type and length: %s", async (mime, record) => {
    const voice = await readVoice(await record(3));
    expect(voice.mime).toBe(mime);
    expect(voice.seconds).toBeCloseTo(3, 1);
  });

  it.each(RECORDINGS)("is refused when it is truncated: %s", async (_, record) => {
    const bytes = await record(1);
    for (let length = 12; length < bytes.length; length += 7)
      expect([length, await codeOf(bytes.subarray(0, length))]).toEqual([length, "bad_voice"]);
  });

  it("is nothing else", async () => {
    for (const bytes of [png(), new Uint8Array(), Buffer.from("<html>"), Buffer.from("ID3")])
      expect(await codeOf(bytes)).toBe("unsupported_media_type");
  });

  it("is refused, and nothing worse, when its bytes are wrong", async () => {
    const codes = new Set<string>();
    for (const [, record] of RECORDINGS) {
      const bytes = await record(1);
      for (let seed = 0; seed < 400; seed++) codes.add(await codeOf(mutated(bytes, seed)));
    }
    expect([...codes].sort()).toEqual(["bad_voice", "ok", "unsupported_media_type"]);
  });
});
