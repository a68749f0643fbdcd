/**
 * Redis' strings are bytes. Inside the gateway each is a JavaScript string whose every character is one byte: lengths,
 * ranges and order then are Redis' own, and what is not UTF-8 survives.
 */
export function bytesOf(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, "utf8").toString("latin1");
}

/** The text that bytes spell in UTF-8; what is not UTF-8 becomes replacement characters. */
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
