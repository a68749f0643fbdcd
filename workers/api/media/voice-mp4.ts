import { ascii, begins, viewOf } from "./bytes.ts";
import type { Tracks } from "./voice.ts";

/** The boxes that hold others. */
const HOLDERS = new Set(["moov", "trak", "mdia", "minf", "stbl", "mvex", "moof", "traf"]);

/** AAC, as the description of a track names it: of MPEG-4, or of MPEG-2. */
const AAC = new Set([0x40, 0x66, 0x67, 0x68]);

/** What the boxes of a file add up to; durations are in ticks. */
type Seen = {
  codecs: string[];
  hasSound: boolean;
  ticksASecond: number;
  duration: number;
  /** Of a file in fragments, as live recordings are: the usual duration of a sample, and that of all samples. */
  sampleDuration: number;
  fragmentsDuration: number;
};

/** Reads an MP4 file, whole or in fragments, box by box. Null unless the last one ends where the file does. */
export function readMp4(bytes: Uint8Array): Tracks | null {
  const seen: Seen = {
    codecs: [],
    hasSound: false,
    ticksASecond: 0,
    duration: 0,
    sampleDuration: 0,
    fragmentsDuration: 0,
  };
  const view = viewOf(bytes);
  let offset = 0;
  while (offset < bytes.byteLength) {
    const short = view.getUint32(offset);
    const type = String.fromCharCode(...bytes.subarray(offset + 4, offset + 8));
    const begin = offset + (short === 1 ? 16 : 8);
    // 0: up to the end of the file. 1: the size follows, in 64 bits.
    const long = short === 1 ? Number(view.getBigUint64(offset + 8)) : short;
    const end = short === 0 ? bytes.byteLength : offset + long;
    if (end < begin || end > bytes.byteLength) return null;
    look(type, bytes.subarray(begin, end), seen);
    offset = HOLDERS.has(type) ? begin : end;
  }
  if (!seen.hasSound) return null;
  const ticks = seen.duration > 0 ? seen.duration : seen.fragmentsDuration;
  return { codecs: seen.codecs, seconds: ticks / seen.ticksASecond };
}

function look(type: string, data: Uint8Array, seen: Seen): void {
  const view = viewOf(data);
  switch (type) {
    case "mdat":
      seen.hasSound = true;
      break;
    case "mdhd": {
      const isLong = view.getUint8(0) === 1;
      seen.ticksASecond = view.getUint32(isLong ? 20 : 12);
      seen.duration = isLong ? Number(view.getBigUint64(24)) : view.getUint32(16);
      break;
    }
    case "stsd":
      seen.codecs.push(isAac(data) ? "aac" : "other");
      break;
    case "trex":
      seen.sampleDuration = view.getUint32(12);
      break;
    case "tfhd":
      seen.sampleDuration = usualDuration(view) ?? seen.sampleDuration;
      break;
    case "trun":
      seen.fragmentsDuration += runDuration(view, seen.sampleDuration);
      break;
  }
}

/** Whether the only description of samples is one of AAC: its object type stands in the descriptors of `esds`. */
function isAac(description: Uint8Array): boolean {
  const view = viewOf(description);
  if (view.getUint32(4) !== 1 || !begins(description, 12, ascii("mp4a"))) return false;
  const name = description.findIndex((_, at) => begins(description, at, ascii("esds")));
  if (name < 0) return false;
  const outer = afterHead(description, name + 8, 0x03);
  // The id, and flags of which the common ones are none.
  const inner = outer === null ? null : afterHead(description, outer + 3, 0x04);
  return inner !== null && AAC.has(view.getUint8(inner));
}

/** Where the content of a descriptor of this kind begins: behind its tag and its length, of one to four bytes. */
function afterHead(bytes: Uint8Array, offset: number, tag: number): number | null {
  if (bytes[offset] !== tag) return null;
  let end = offset + 1;
  while (end < offset + 4 && (bytes[end] ?? 0) >= 0x80) end++;
  return end + 1;
}

/** The duration that a fragment gives to samples without their own. The fields in front of it are there by flags. */
function usualDuration(view: DataView): number | null {
  const flags = view.getUint32(0);
  if ((flags & 0x08) === 0) return null;
  return view.getUint32(8 + (flags & 0x01 ? 8 : 0) + (flags & 0x02 ? 4 : 0));
}

/** How long the samples of a run play. Each has the fields that the flags name, its duration first. */
function runDuration(view: DataView, sampleDuration: number): number {
  const flags = view.getUint32(0);
  const count = view.getUint32(4);
  if ((flags & 0x100) === 0) return count * sampleDuration;
  const fields = [0x100, 0x200, 0x400, 0x800].filter((flag) => (flags & flag) !== 0).length;
  let offset = 8 + (flags & 0x01 ? 4 : 0) + (flags & 0x04 ? 4 : 0);
  let duration = 0;
  // A count that is too large ends at the end of the box.
  for (let sample = 0; sample < count; sample++, offset += 4 * fields) duration += view.getUint32(offset);
  return duration;
}
