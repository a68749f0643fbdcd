/** Whether these bytes are at an offset. */
export function begins(bytes: Uint8Array, offset: number, expected: readonly number[]): boolean {
  return offset >= 0 && expected.every((byte, index) => bytes[offset + index] === byte);
}

/** The bytes of an ASCII text. */
export function ascii(text: string): number[] {
  return [...text].map((character) => character.charCodeAt(0));
}

/** A view of bytes: it throws a RangeError for what lies behind their end. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** One array of the bytes of many. */
export function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((size, part) => size + part.byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.byteLength;
  }
  return joined;
}
