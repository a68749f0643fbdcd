import { ascii, begins, viewOf } from "./bytes.ts";
import type { Tracks } from "./voice.ts";

/** Opus in Ogg counts samples of 48,000 a second (RFC 7845). */
const RATE = 48_000;
/** A page on which no packet ends has no position. */
const NONE = -1n;

/** Reads an Ogg file: pages of one or more streams. Null unless the last page ends where the file does. */
export function readOgg(bytes: Uint8Array): Tracks | null {
  const view = viewOf(bytes);
  const codecs = new Map<number, string>();
  let skipped = 0;
  let last = 0n;
  let offset = 0;
  while (offset < bytes.byteLength) {
    if (!begins(bytes, offset, ascii("OggS"))) return null;
    const position = view.getBigInt64(offset + 6, true);
    const stream = view.getUint32(offset + 14, true);
    const segments = view.getUint8(offset + 26);
    const data = offset + 27 + segments;
    if (!codecs.has(stream)) {
      const isOpus = begins(bytes, data, ascii("OpusHead"));
      codecs.set(stream, isOpus ? "opus" : "other");
      if (isOpus) skipped = view.getUint16(data + 10, true);
    }
    if (position !== NONE) last = position;
    offset = data + bytes.subarray(offset + 27, data).reduce((sum, length) => sum + length, 0);
  }
  if (offset !== bytes.byteLength) return null;
  return { codecs: [...codecs.values()], seconds: (Number(last) - skipped) / RATE };
}
