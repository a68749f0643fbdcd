import { Problem } from "../../../lib/problem.ts";
import type { VoiceMime } from "../../../schema/wire/media.ts";
import { ascii, begins } from "./bytes.ts";
import { readMp4 } from "./voice-mp4.ts";
import { readOgg } from "./voice-ogg.ts";
import { readWebm } from "./voice-webm.ts";

/** A recording, as its bytes tell. */
export type Voice = { mime: VoiceMime; seconds: number };

/** What a reader finds in a container: the codec of each track, and the time from the first sound to the last. */
export type Tracks = { codecs: string[]; seconds: number };

/** Longer than anything that fits: a few bytes can claim any time. */
const MAX_SECONDS = 4 * 3_600;

/**
 * For each type: how it begins, what reads it, and the only codec in it. The readers go through a file once, and each step
 * takes them further: a crafted file cannot keep them busy. A reader returns null for a file that is not all there.
 */
const TYPES = [
  { mime: "audio/ogg", at: 0, signature: ascii("OggS"), read: readOgg, codec: "opus" },
  { mime: "audio/webm", at: 0, signature: [0x1a, 0x45, 0xdf, 0xa3], read: readWebm, codec: "opus" },
  { mime: "audio/mp4", at: 4, signature: ascii("ftyp"), read: readMp4, codec: "aac" },
] as const;

/**
 * Reads the type and length of a recording, without decoding it. Throws `unsupported_media_type` unless it begins like
 * one of an accepted type, and `bad_voice` when it is not all there, holds anything but one track of that type's codec,
 * or has no length.
 */
export function readVoice(bytes: Uint8Array): Voice {
  const type = TYPES.find(({ at, signature }) => begins(bytes, at, signature));
  if (type === undefined)
    throw new Problem("unsupported_media_type", { detail: "Not an Ogg, WebM or MP4 recording" });
  const tracks = within(() => type.read(bytes));
  if (tracks === null) throw new Problem("bad_voice", { detail: "The recording is broken or truncated" });
  const { codecs, seconds } = tracks;
  if (codecs.length !== 1 || codecs[0] !== type.codec)
    throw new Problem("bad_voice", { detail: `Not one track of ${type.codec}` });
  if (!(seconds > 0 && seconds <= MAX_SECONDS))
    throw new Problem("bad_voice", { detail: "The recording has no length, or is too long" });
  return { mime: type.mime, seconds: Math.round(seconds * 1_000) / 1_000 };
}

/** Null when a reader wants to read behind the end. */
function within(read: () => Tracks | null): Tracks | null {
  try {
    return read();
  } catch (fault) {
    if (fault instanceof RangeError) return null;
    throw fault;
  }
}
