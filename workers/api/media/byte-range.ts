/** A range of bytes; `unsatisfiable` when it begins behind the end. */
export type ByteRange = { offset: number; length: number } | "unsatisfiable";

/**
 * The range that a `Range` header asks for, of a body of this size. Null when the whole body is to be sent: there is no
 * header, it is not a range of bytes, or it has several, which a server may ignore (RFC 9110).
 */
export function byteRange(header: string | null, size: number): ByteRange | null {
  const [, first = "", last = ""] = /^bytes=\s*(\d{0,15})-(\d{0,15})\s*$/i.exec(header ?? "") ?? [];
  if (first === "" && last === "") return null;
  if (first === "") {
    const length = Math.min(Number(last), size);
    return length === 0 ? "unsatisfiable" : { offset: size - length, length };
  }
  const offset = Number(first);
  const end = last === "" ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== "" && Number(last) < offset) return null;
  return offset >= size ? "unsatisfiable" : { offset, length: end - offset + 1 };
}
