import { crc32, deflateSync } from "node:zlib";
import {
  BufferTarget,
  EncodedAudioPacketSource,
  EncodedPacket,
  Mp4OutputFormat,
  OggOutputFormat,
  Output,
  WebMOutputFormat,
} from "mediabunny";

type Size = { width: number; height: number };

const SMALL: Size = { width: 4, height: 3 };

/** A whole PNG, black. */
export function png({ width, height }: Size = SMALL): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // One bit a pixel, greyscale.
  header[8] = 1;
  const rows = deflateSync(Buffer.alloc((Math.ceil(width / 8) + 1) * height));
  return bytes(
    [0x89, "PNG\r\n\x1a\n"],
    pngChunk("IHDR", header),
    pngChunk("IDAT", rows),
    pngChunk("IEND", Buffer.alloc(0)),
  );
}

/** A PNG whose header claims a size, and that holds nothing of it. */
export function claimingPng({ width, height }: Size): Uint8Array {
  const claimed = Buffer.from(png());
  claimed.writeUInt32BE(width, 16);
  claimed.writeUInt32BE(height, 20);
  return claimed;
}

/** What a JPEG has around its scan; the metadata holds a small picture with an end of its own. */
export function jpeg({ width, height }: Size = SMALL): Uint8Array {
  const metadata = bytes("Exif\0\0", [0xff, 0xd8, 0xff, 0xd9]);
  return bytes(
    [0xff, 0xd8],
    [0xff, 0xe1, 0, metadata.byteLength + 2, metadata],
    [0xff, 0xc0, 0, 11, 8, height >> 8, height & 255, width >> 8, width & 255, 1, 1, 0x11, 0],
    [0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0],
    [0x12, 0x34, 0xff, 0x00, 0x56],
    [0xff, 0xd9],
  );
}

/** A GIF of one frame. */
export function gif({ width, height }: Size = SMALL): Uint8Array {
  return bytes(
    ["GIF89a", width & 255, width >> 8, height & 255, height >> 8, 0x80, 0, 0],
    [0, 0, 0, 255, 255, 255],
    [0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0],
    [0x3b],
  );
}

/** A lossless WebP's header and a little more. */
export function webp({ width, height }: Size = SMALL): Uint8Array {
  const stream = Buffer.alloc(10);
  stream[0] = 0x2f;
  stream.writeUInt32LE((width - 1) | ((height - 1) << 14), 1);
  const chunk = bytes(["WEBP", "VP8L", stream.byteLength, 0, 0, 0], stream);
  return bytes(["RIFF", chunk.byteLength, 0, 0, 0], chunk);
}

/** Version 1, one channel, nothing to skip, 48,000 samples a second, no gain, mapping 0. */
const OPUS_HEAD = bytes("OpusHead", [1, 1, 0, 0, 0x80, 0xbb, 0, 0, 0, 0, 0]);

/** Recordings of silence, of 50 packets a second. */
export const ogg = (seconds = 2) => recorded(new OggOutputFormat(), "opus", seconds);
export const webm = (seconds = 2) => recorded(new WebMOutputFormat(), "opus", seconds);
export const mp4 = (seconds = 2) => recorded(new Mp4OutputFormat(), "aac", seconds);
/** As browsers record them: sizes and durations are not known in front. */
export const liveWebm = (seconds = 2) =>
  recorded(new WebMOutputFormat({ appendOnly: true }), "opus", seconds);
export const fragmentedMp4 = (seconds = 2) =>
  recorded(new Mp4OutputFormat({ fastStart: "fragmented" }), "aac", seconds);

type Codec = "opus" | "aac" | "mp3" | "vorbis";

/** What describes each codec to a player. */
const DESCRIPTIONS: Record<Codec, { codec: string; description?: Uint8Array }> = {
  opus: { codec: "opus", description: OPUS_HEAD },
  aac: { codec: "mp4a.40.2", description: Uint8Array.of(0x11, 0x88) },
  mp3: { codec: "mp3" },
  // Three empty headers, with their lengths in front.
  vorbis: { codec: "vorbis", description: bytes([2, 30, 1], "\x01vorbis", new Uint8Array(23), "x", "y") },
};

/** A recording of silence in any container and codec. */
export async function recorded(
  format: OggOutputFormat | WebMOutputFormat | Mp4OutputFormat,
  codec: Codec,
  seconds = 1,
): Promise<Uint8Array> {
  const target = new BufferTarget();
  const output = new Output({ format, target });
  const source = new EncodedAudioPacketSource(codec);
  output.addAudioTrack(source);
  await output.start();
  const decoderConfig = { ...DESCRIPTIONS[codec], numberOfChannels: 1, sampleRate: 48_000 };
  for (let index = 0; index < seconds * 50; index++) {
    // In Opus: 20 ms of silence.
    const packet = new EncodedPacket(Uint8Array.of(0xf8, 0xff, 0xfe), "key", index / 50, 1 / 50);
    await source.add(packet, { decoderConfig });
  }
  await output.finalize();
  return new Uint8Array(target.buffer ?? new ArrayBuffer());
}

/** The same bytes with a few of them changed, cut off or repeated; the same for the same seed. */
export function mutated(original: Uint8Array, seed: number): Uint8Array {
  const random = randomFrom(seed);
  const changed = Uint8Array.from(original);
  for (let times = 1 + random(6); times > 0; times--) changed[random(changed.length)] = random(256);
  if (random(3) === 0) return changed.slice(0, random(changed.length));
  return random(4) === 0 ? bytes(changed, changed.slice(random(changed.length))) : changed;
}

/** A small generator of numbers below a bound (mulberry32). */
function randomFrom(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
  };
}

function pngChunk(type: string, data: Uint8Array): Uint8Array {
  const typed = bytes(type, data);
  const framed = Buffer.alloc(typed.byteLength + 8);
  framed.writeUInt32BE(data.byteLength, 0);
  framed.set(typed, 4);
  framed.writeUInt32BE(crc32(typed), typed.byteLength + 4);
  return framed;
}

type Part = number | string | Uint8Array | readonly Part[];

/** One array of bytes, of bytes and Latin-1 texts. */
function bytes(...parts: Part[]): Uint8Array {
  return Buffer.concat(
    parts.map((part) => {
      if (typeof part === "number") return Uint8Array.of(part);
      if (typeof part === "string") return Buffer.from(part, "latin1");
      return part instanceof Uint8Array ? part : bytes(...part);
    }),
  );
}
