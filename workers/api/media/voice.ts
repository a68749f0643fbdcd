import { BufferSource, Input, Logging, LogLevel, MP4, OGG, WEBM } from "mediabunny";
import { Problem } from "../../../lib/problem.ts";
import type { VoiceMime } from "../../../schema/wire/media.ts";
import { ascii, begins } from "./image.ts";

/** A recording, as its bytes tell. */
export type Voice = { mime: VoiceMime; seconds: number };

// It would print what is in the bytes.
Logging.level = LogLevel.Silent;

/** Longer than anything that fits: a few bytes can claim any time. */
const MAX_SECONDS = 4 * 3_600;

/** For each type: how it begins, what reads it, and the only codec in it. */
const TYPES = [
  { mime: "audio/ogg", at: 0, signature: ascii("OggS"), format: OGG, codec: "opus", end: oggEnd },
  {
    mime: "audio/webm",
    at: 0,
    signature: [0x1a, 0x45, 0xdf, 0xa3],
    format: WEBM,
    codec: "opus",
    end: webmEnd,
  },
  { mime: "audio/mp4", at: 4, signature: ascii("ftyp"), format: MP4, codec: "aac", end: mp4End },
] as const;

/**
 * Reads the type and length of a recording, without decoding it. Throws `unsupported_media_type` unless it begins like
 * one of an accepted type, and `bad_voice` when it is not all there, holds anything but one track of that type's codec,
 * or has no length.
 */
export async function readVoice(bytes: Uint8Array): Promise<Voice> {
  const type = TYPES.find(({ at, signature }) => begins(bytes, at, signature));
  if (type === undefined)
    throw new Problem("unsupported_media_type", { detail: "Not an Ogg, WebM or MP4 recording" });
  if (type.end(bytes) !== bytes.byteLength)
    throw new Problem("bad_voice", { detail: "The recording is truncated" });
  const { codecs, seconds } = await readTracks(bytes, type.format);
  if (codecs.length !== 1 || codecs[0] !== type.codec)
    throw new Problem("bad_voice", { detail: `Not one track of ${type.codec}` });
  if (!(seconds > 0 && seconds <= MAX_SECONDS))
    throw new Problem("bad_voice", { detail: "The recording has no length, or is too long" });
  return { mime: type.mime, seconds: Math.round(seconds * 1_000) / 1_000 };
}

async function readTracks(bytes: Uint8Array, format: (typeof TYPES)[number]["format"]) {
  const input = new Input({ source: new BufferSource(bytes), formats: [format] });
  try {
    const tracks = await input.getTracks();
    return { codecs: tracks.map(({ codec }) => codec), seconds: await input.computeDuration() };
  } catch {
    // Whatever it throws is about the bytes: it reads nothing else.
    throw new Problem("bad_voice", { detail: "The recording is broken" });
  } finally {
    input.dispose();
  }
}

/** Where the last page of an Ogg file ends; 0 when something else stands where a page should. */
function oggEnd(bytes: Uint8Array): number {
  let offset = 0;
  while (offset < bytes.byteLength) {
    if (!begins(bytes, offset, ascii("OggS"))) return 0;
    const segments = bytes[offset + 26] ?? 0;
    const lacing = bytes.subarray(offset + 27, offset + 27 + segments);
    offset += 27 + segments + lacing.reduce((sum, length) => sum + length, 0);
  }
  return offset;
}

/** Where the last box of an MP4 file ends; 0 when one has no valid size, or none holds the sound. */
function mp4End(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let offset = 0;
  let hasSound = false;
  while (offset + 8 <= bytes.byteLength) {
    const size = view.getUint32(offset);
    hasSound ||= begins(bytes, offset + 4, ascii("mdat"));
    // 0: up to the end of the file. 1: the size follows, in 64 bits.
    if (size === 0) return bytes.byteLength;
    const large = size === 1 && offset + 16 <= bytes.byteLength;
    const whole = large ? Number(view.getBigUint64(offset + 8)) : size;
    if (whole < 8) return 0;
    offset += whole;
  }
  return hasSound ? offset : 0;
}

/** The elements of WebM whose contents are gone through: a live recording does not know their sizes. */
const SEGMENT = 0x18538067;
const CLUSTER = 0x1f43b675;

/** Where the last element of a WebM file ends; 0 when one has no valid id or size. */
function webmEnd(bytes: Uint8Array): number {
  let offset = 0;
  while (offset < bytes.byteLength) {
    const id = ebmlNumber(bytes, offset, false);
    const size = id && ebmlNumber(bytes, id.end, true);
    if (id === null || size === null) return 0;
    const within = id.value === SEGMENT || id.value === CLUSTER;
    if (within && size.value !== null && size.end + size.value > bytes.byteLength) return 0;
    if (!within && size.value === null) return 0;
    offset = within ? size.end : size.end + (size.value ?? 0);
  }
  return offset;
}

/**
 * A number of EBML, whose leading zeros tell how many bytes it has: an id with its marker, a size without. The value is
 * null when all its bits are set, which means unknown.
 */
function ebmlNumber(
  bytes: Uint8Array,
  offset: number,
  isSize: boolean,
): { value: number | null; end: number } | null {
  const first = bytes[offset] ?? 0;
  const length = Math.clz32(first) - 23;
  if (length > 8 || offset + length > bytes.byteLength) return null;
  const marker = 1 << (8 - length);
  let value = isSize ? first & (marker - 1) : first;
  let unknown = isSize && value === marker - 1;
  for (const byte of bytes.subarray(offset + 1, offset + length)) {
    value = value * 256 + byte;
    unknown &&= byte === 0xff;
  }
  return { value: unknown ? null : value, end: offset + length };
}
