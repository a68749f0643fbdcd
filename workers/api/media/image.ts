import { imageDimensionsFromData } from "image-dimensions";
import { Problem } from "../../../lib/problem.ts";
import { type ImageMime, MAX_IMAGE_PIXELS } from "../../../schema/wire/media.ts";
import type { Chunks } from "./body.ts";
import { ascii, begins, concatenate } from "./bytes.ts";

/** An image, as its first bytes tell. */
export type Image = { mime: ImageMime; width: number; height: number };

/** So many bytes hold the dimensions of any image that is accepted: a JPEG has metadata in front of them. */
export const IMAGE_HEAD_BYTES = 512 * 1024;

/** PNG: the last chunk, which is empty. */
const IEND = [0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82];
const GIF_TRAILER = 0x3b;
const TAIL_BYTES = 64;

/**
 * Reads the type and dimensions of an image from its beginning. Throws `unsupported_media_type` unless it begins like an
 * image of an accepted type, and `bad_image` when it has no dimensions or too many pixels.
 */
export function readImage(head: Uint8Array): Image {
  // Only these reach the reader, whatever else it can read.
  const mime = imageMime(head);
  if (mime === null) throw new Problem("unsupported_media_type", { detail: "Not a PNG, JPEG, WebP or GIF" });
  const { width = 0, height = 0 } = imageDimensionsFromData(head) ?? {};
  if (width < 1 || height < 1) throw new Problem("bad_image", { detail: "The image is broken" });
  if (width * height > MAX_IMAGE_PIXELS) {
    throw new Problem("bad_image", { detail: `The image has more than ${MAX_IMAGE_PIXELS} pixels` });
  }
  return { mime, width, height };
}

/** The type of an image by its first bytes; null for all others. */
function imageMime(head: Uint8Array): ImageMime | null {
  // The reader would take a JPEG or WebP with this in its length for an AVIF or HEIF, which are read with far more code.
  if (begins(head, 4, ascii("ftyp"))) return null;
  if (begins(head, 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return "image/png";
  if (begins(head, 0, [0xff, 0xd8, 0xff])) return "image/jpeg";
  if (begins(head, 0, ascii("GIF87a")) || begins(head, 0, ascii("GIF89a"))) return "image/gif";
  if (begins(head, 0, ascii("RIFF")) && begins(head, 8, ascii("WEBP"))) return "image/webp";
  return null;
}

/** The same bytes; throws `bad_image` after the last one when the image is not all there. */
export async function* wholeImage(mime: ImageMime, head: Uint8Array, chunks: Chunks): Chunks {
  const end = mime === "image/jpeg" ? new JpegEnd(head) : new Tail();
  for await (const chunk of chunks) {
    end.see(chunk);
    yield chunk;
  }
  if (!isWhole(mime, head, end)) throw new Problem("bad_image", { detail: "The image is truncated" });
}

function isWhole(mime: ImageMime, head: Uint8Array, end: JpegEnd | Tail): boolean {
  if (end instanceof JpegEnd) return end.seen;
  switch (mime) {
    case "image/png":
      return begins(end.bytes, end.bytes.length - IEND.length, IEND);
    case "image/gif":
      // Some encoders fill up with zeros.
      return end.bytes.findLast((byte) => byte !== 0) === GIF_TRAILER;
    case "image/webp":
      return end.size >= new DataView(head.buffer, head.byteOffset).getUint32(4, true) + 8;
    case "image/jpeg":
      return false;
  }
}

/** The size and the last bytes of what has been seen. */
class Tail {
  bytes = new Uint8Array();
  size = 0;

  see(chunk: Uint8Array): void {
    this.bytes = concatenate([this.bytes, chunk.slice(-TAIL_BYTES)]).slice(-TAIL_BYTES);
    this.size += chunk.byteLength;
  }
}

/**
 * Looks for the end of the image (FF D9) behind the start of the scan. Not in front of it, where a small picture within
 * the metadata has one, and not in the last bytes alone: cameras append to their photos.
 */
class JpegEnd {
  seen = false;
  #skip: number;
  #last = 0;

  constructor(head: Uint8Array) {
    this.#skip = scanOffset(head);
  }

  see(chunk: Uint8Array): void {
    if (this.seen) return;
    const scanned = chunk.subarray(Math.min(this.#skip, chunk.byteLength));
    this.#skip = Math.max(0, this.#skip - chunk.byteLength);
    if (scanned.byteLength === 0) return;
    this.seen = (this.#last === 0xff && scanned[0] === 0xd9) || holdsEnd(scanned);
    this.#last = scanned.at(-1) ?? 0;
  }
}

function holdsEnd(bytes: Uint8Array): boolean {
  for (let at = bytes.indexOf(0xd9, 1); at > 0; at = bytes.indexOf(0xd9, at + 1)) {
    if (bytes[at - 1] === 0xff) return true;
  }
  return false;
}

/** Where the scan of a JPEG begins; infinite when it does not begin in these bytes. */
function scanOffset(head: Uint8Array): number {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  let offset = 2;
  while (offset + 4 <= head.byteLength) {
    const marker = view.getUint8(offset + 1);
    // Fill bytes, and what stands between two segments, are passed over.
    if (view.getUint8(offset) !== 0xff || marker === 0xff) offset += 1;
    else if (marker === 0xda) return offset;
    else if (marker <= 0x01) offset += 2;
    else offset += 2 + view.getUint16(offset + 2);
  }
  return Number.POSITIVE_INFINITY;
}
