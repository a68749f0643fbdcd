/**
 * Google's CityHash32 (CityHash 1.1, Geoff Pike and Jyrki Alakuijala) of a string's UTF-8 bytes, as an unsigned
 * 32-bit number. Equal to the reference implementation, whose results are in `city-hash.vectors.tsv`.
 */
export function cityHash32(text: string): number {
  const bytes = encoder.encode(text);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length;
  if (length <= 4) return hashUpTo4(bytes);
  if (length <= 12) return hash5To12(view, length);
  if (length <= 24) return hash13To24(view, length);
  return hashLong(view, length);
}

const encoder = new TextEncoder();

const C1 = 0xcc9e2d51;
const C2 = 0x1b873593;
const MIX = 0xe6546b64;

function rotateRight(value: number, shift: number): number {
  return (value >>> shift) | (value << (32 - shift));
}

function swapBytes(value: number): number {
  return (value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24);
}

/** Murmur3's finaliser. */
function finish(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function scramble(value: number): number {
  return Math.imul(rotateRight(Math.imul(value, C1), 17), C2);
}

/** Murmur3's step: mixes four bytes into the hash. */
function mur(value: number, hash: number): number {
  return (Math.imul(rotateRight(hash ^ scramble(value), 19), 5) + MIX) | 0;
}

function hashUpTo4(bytes: Uint8Array): number {
  let b = 0;
  let c = 9;
  for (const byte of bytes) {
    const signed = (byte << 24) >> 24;
    b = (Math.imul(b, C1) + signed) | 0;
    c ^= b;
  }
  return finish(mur(b, mur(bytes.length, c)));
}

function hash5To12(view: DataView, length: number): number {
  const a = (length + view.getInt32(0, true)) | 0;
  const b = (length * 5 + view.getInt32(length - 4, true)) | 0;
  const c = (9 + view.getInt32((length >>> 1) & 4, true)) | 0;
  return finish(mur(c, mur(b, mur(a, length * 5))));
}

function hash13To24(view: DataView, length: number): number {
  const half = length >>> 1;
  const a = view.getInt32(half - 4, true);
  const b = view.getInt32(4, true);
  const c = view.getInt32(length - 8, true);
  const d = view.getInt32(half, true);
  const e = view.getInt32(0, true);
  const f = view.getInt32(length - 4, true);
  return finish(mur(f, mur(e, mur(d, mur(c, mur(b, mur(a, length)))))));
}

function hashLong(view: DataView, length: number): number {
  const at = (offset: number) => view.getInt32(offset, true);
  const step = (hash: number, value: number) => (Math.imul(rotateRight(hash ^ value, 19), 5) + MIX) | 0;

  let h = length;
  let g = Math.imul(C1, length);
  let f = g;
  h = step(step(h, scramble(at(length - 4))), scramble(at(length - 16)));
  g = step(step(g, scramble(at(length - 8))), scramble(at(length - 12)));
  f = (Math.imul(rotateRight(f + scramble(at(length - 20)), 19), 5) + MIX) | 0;

  const blocks = Math.floor((length - 1) / 20);
  for (let block = 0; block < blocks; block++) {
    const start = block * 20;
    const a0 = scramble(at(start));
    const a1 = at(start + 4);
    const a2 = scramble(at(start + 8));
    const a3 = scramble(at(start + 12));
    const a4 = at(start + 16);
    h = (Math.imul(rotateRight(h ^ a0, 18), 5) + MIX) | 0;
    f = Math.imul(rotateRight((f + a1) | 0, 19), C1);
    g = (Math.imul(rotateRight((g + a2) | 0, 18), 5) + MIX) | 0;
    h = (Math.imul(rotateRight(h ^ ((a3 + a1) | 0), 19), 5) + MIX) | 0;
    g = Math.imul(swapBytes(g ^ a4), 5);
    h = swapBytes((h + Math.imul(a4, 5)) | 0);
    f = (f + a0) | 0;
    [f, h, g] = [g, f, h];
  }
  g = Math.imul(rotateRight(Math.imul(rotateRight(g, 11), C1), 17), C1);
  f = Math.imul(rotateRight(Math.imul(rotateRight(f, 11), C1), 17), C1);
  h = (Math.imul(rotateRight((h + g) | 0, 19), 5) + MIX) | 0;
  h = Math.imul(rotateRight(h, 17), C1);
  h = (Math.imul(rotateRight((h + f) | 0, 19), 5) + MIX) | 0;
  h = Math.imul(rotateRight(h, 17), C1);
  return h >>> 0;
}
