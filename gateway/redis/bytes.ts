/**
 * Redis' strings are bytes. Inside the gateway each is a JavaScript string in which every character is one byte, so that
 * lengths, ranges and order are the same as in Redis, and bytes that are not UTF-8 are kept.
 */
export function bytesOf(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, "utf8").toString("latin1");
}

/** Decodes bytes as UTF-8; invalid ones become replacement characters. */
export function textOf(bytes: string): string {
  return isAscii(bytes) ? bytes : Buffer.from(bytes, "latin1").toString("utf8");
}

/** The bytes in base64. */
export function base64Of(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("base64");
}

function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length;
}
