import { Mp4OutputFormat, WebMOutputFormat } from "mediabunny";
import { describe, expect, it } from "vitest";
import {
  fragmentedMp4,
  liveWebm,
  mp4,
  mutated,
  ogg,
  png,
  recorded,
  webm,
} from "../../../lib/media.fixture.ts";
import { Problem } from "../../../lib/problem.ts";
import { readVoice } from "./voice.ts";

const RECORDINGS = [
  ["audio/ogg", ogg],
  ["audio/webm", webm],
  ["audio/webm", liveWebm],
  ["audio/mp4", mp4],
  ["audio/mp4", fragmentedMp4],
] as const;

function codeOf(bytes: Uint8Array): string {
  try {
    readVoice(bytes);
    return "ok";
  } catch (fault) {
    if (fault instanceof Problem) return fault.code;
    throw fault;
  }
}

describe("a recording", () => {
  it.each(RECORDINGS)("has its type and length: %s", async (mime, record) => {
    const voice = readVoice(await record(3));
    expect(voice.mime).toBe(mime);
    expect(voice.seconds).toBeCloseTo(3, 1);
  });

  // A live recording in WebM may end behind any block.
  it.each(RECORDINGS.filter(([, record]) => record !== liveWebm))(
    "is refused when it is truncated: %s",
    async (_, record) => {
      const bytes = await record(1);
      for (let length = 12; length < bytes.length; length += 7)
        expect([length, codeOf(bytes.subarray(0, length))]).toEqual([length, "bad_voice"]);
    },
  );

  it.each([
    ["WebM", () => recorded(new WebMOutputFormat(), "vorbis")],
    ["MP4", () => recorded(new Mp4OutputFormat(), "opus")],
    ["MP4", () => recorded(new Mp4OutputFormat(), "mp3")],
  ] as const)("is refused with another codec: %s", async (_, record) => {
    expect(codeOf(await record())).toBe("bad_voice");
  });

  it("is nothing else", async () => {
    for (const bytes of [png(), new Uint8Array(), Buffer.from("<html>"), Buffer.from("ID3")])
      expect(codeOf(bytes)).toBe("unsupported_media_type");
  });

  it("is refused, and nothing worse, when its bytes are wrong", async () => {
    const codes = new Set<string>();
    for (const [, record] of RECORDINGS) {
      const bytes = await record(1);
      for (let seed = 0; seed < 400; seed++) codes.add(codeOf(mutated(bytes, seed)));
    }
    expect([...codes].sort()).toEqual(["bad_voice", "ok", "unsupported_media_type"]);
  });
});
