import { describe, expect, it } from "vitest";
import { claimingPng, gif, jpeg, mutated, png, webp } from "../../../lib/media.fixture.ts";
import { Problem } from "../../../lib/problem.ts";
import { readImage, wholeImage } from "./image.ts";

const IMAGES = [
  ["image/png", png({ width: 30, height: 20 })],
  ["image/jpeg", jpeg({ width: 300, height: 20 })],
  ["image/gif", gif({ width: 30, height: 200 })],
  ["image/webp", webp({ width: 300, height: 200 })],
] as const;

/** Judges an image as an upload does, in chunks of this size. */
async function judge(bytes: Uint8Array, chunkSize = 5) {
  const image = readImage(bytes);
  const chunks = async function* () {
    for (let at = 0; at < bytes.length; at += chunkSize) yield bytes.subarray(at, at + chunkSize);
  };
  let size = 0;
  for await (const chunk of wholeImage(image.mime, bytes, chunks())) size += chunk.byteLength;
  return { ...image, size };
}

async function codeOf(judged: Promise<unknown>): Promise<string> {
  try {
    await judged;
    return "ok";
  } catch (fault) {
    if (fault instanceof Problem) return fault.code;
    throw fault;
  }
}

describe("an image", () => {
  it.each(IMAGES)("is read by its bytes: %s", async (mime, bytes) => {
    for (const chunkSize of [1, 5, 10_000]) {
      const { width, height, ...rest } = await judge(bytes, chunkSize);
      expect(rest).toEqual({ mime, size: bytes.byteLength });
      expect([30, 300]).toContain(width);
      expect([20, 200]).toContain(height);
    }
  });

  it.each(IMAGES)("is refused when it is truncated anywhere: %s", async (_, bytes) => {
    for (let length = 12; length < bytes.length; length++)
      expect([length, await codeOf(judge(bytes.subarray(0, length)))]).toEqual([length, "bad_image"]);
  });

  it("may have something behind its end, as cameras' do", async () => {
    expect(await codeOf(judge(Buffer.concat([jpeg(), Buffer.from("appended")])))).toBe("ok");
    expect(await codeOf(judge(Buffer.concat([gif(), Buffer.alloc(3)])))).toBe("ok");
  });

  it("is refused over 50 megapixels, and without any", async () => {
    expect(await codeOf(judge(claimingPng({ width: 10_000, height: 5_000 })))).toBe("ok");
    expect(await codeOf(judge(claimingPng({ width: 10_000, height: 5_001 })))).toBe("bad_image");
    expect(await codeOf(judge(claimingPng({ width: 0, height: 5 })))).toBe("bad_image");
  });

  it.each([
    "",
    "GIF",
    "<svg xmlns='http://www.w3.org/2000/svg'/>",
    "<html></html>",
    "BM",
    "\0\0\0\x18ftypavif",
    "\0\0\0\x18ftypheic",
    "RIFFftypWEBP",
    "\xff\xd8\xff\xe0ftypavif",
    "RIFF\x10\0\0\0WAVEfmt ",
  ])("is nothing that begins like %j", async (text) => {
    expect(await codeOf(judge(Buffer.from(text, "latin1")))).toBe("unsupported_media_type");
  });

  it("is refused, and nothing worse, when its bytes are wrong", async () => {
    const codes = new Set<string>();
    for (let seed = 0; seed < 400; seed++)
      for (const [, bytes] of IMAGES) codes.add(await codeOf(judge(mutated(bytes, seed))));
    expect([...codes].sort()).toEqual(["bad_image", "ok", "unsupported_media_type"]);
  });
});
