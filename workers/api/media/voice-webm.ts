import { viewOf } from "./bytes.ts";
import type { Tracks } from "./voice.ts";

/** The elements that hold others: a live recording does not know the sizes of the first two. */
const SEGMENT = 0x18538067;
const CLUSTER = 0x1f43b675;
const HOLDERS = new Set([SEGMENT, CLUSTER, 0x1549a966, 0x1654ae6b, 0xae, 0xa0]);

const TIME_SCALE = 0x2ad7b1;
const CODEC = 0x86;
const CLUSTER_TIME = 0xe7;
const SIMPLE_BLOCK = 0xa3;
const BLOCK = 0xa1;

/** Reads a WebM file, element by element. Null unless the last one ends where the file does. */
export function readWebm(bytes: Uint8Array): Tracks | null {
  const codecs: string[] = [];
  // Nanoseconds a tick.
  let scale = 1_000_000;
  let clusterTime = 0;
  let first = Number.POSITIVE_INFINITY;
  let end = 0;
  let offset = 0;
  while (offset < bytes.byteLength) {
    const id = readNumber(bytes, offset, false);
    const size = id && readNumber(bytes, id.end, true);
    if (id === null || size === null) return null;
    const isEndless = size.value === null;
    if (isEndless && id.value !== SEGMENT && id.value !== CLUSTER) return null;
    if (!isEndless && size.end + (size.value ?? 0) > bytes.byteLength) return null;
    const data = bytes.subarray(size.end, size.end + (size.value ?? 0));
    switch (id.value) {
      case TIME_SCALE:
        scale = unsigned(data);
        break;
      case CODEC:
        codecs.push(String.fromCharCode(...data.subarray(0, 32)) === "A_OPUS" ? "opus" : "other");
        break;
      case CLUSTER_TIME:
        clusterTime = unsigned(data);
        break;
      case SIMPLE_BLOCK:
      case BLOCK: {
        const track = readNumber(data, 0, true);
        if (track === null) return null;
        const start = ((clusterTime + viewOf(data).getInt16(track.end)) * scale) / 1e9;
        first = Math.min(first, start);
        end = Math.max(end, start + packetSeconds(data.subarray(track.end + 3)));
        break;
      }
    }
    offset = HOLDERS.has(id.value ?? 0) ? size.end : size.end + (size.value ?? 0);
  }
  return { codecs, seconds: end - first };
}

/**
 * A number of EBML, whose leading zeros tell how many bytes it has: an id with its marker, a size without. The value is
 * null when all its bits are set, which means unknown.
 */
function readNumber(
  bytes: Uint8Array,
  offset: number,
  isSize: boolean,
): { value: number | null; end: number } | null {
  const first = bytes[offset] ?? 0;
  const length = Math.clz32(first) - 23;
  if (length > 8 || offset + length > bytes.byteLength) return null;
  const marker = 1 << (8 - length);
  const bits = isSize ? first & (marker - 1) : first;
  const rest = bytes.subarray(offset + 1, offset + length);
  const isUnknown = isSize && bits === marker - 1 && rest.every((byte) => byte === 0xff);
  return { value: isUnknown ? null : rest.reduce(shift, bits), end: offset + length };
}

function unsigned(data: Uint8Array): number {
  return data.reduce(shift, 0);
}

function shift(value: number, byte: number): number {
  return value * 256 + byte;
}

/** How long a packet of Opus plays, by its first bytes (RFC 6716, 3.1). */
function packetSeconds(packet: Uint8Array): number {
  const [head = 0, count = 0] = packet;
  const config = head >> 3;
  const frames = [1, 2, 2, count & 63][head & 3] ?? 0;
  const lengths = config < 12 ? [10, 20, 40, 60] : config < 16 ? [10, 20, 10, 20] : [2.5, 5, 10, 20];
  return (frames * (lengths[config & 3] ?? 0)) / 1_000;
}
