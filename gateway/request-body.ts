import type { Context } from "hono";

/** The most that one request may carry. A batch of 500 messages of the longest kind is a quarter of it. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** The request's body is longer than {@link MAX_BODY_BYTES}; each protocol says so in its own error shape. */
export class BodyTooLarge extends Error {
  override readonly name = "BodyTooLarge";

  constructor() {
    super(`The request body is larger than ${MAX_BODY_BYTES} bytes`);
  }
}

/** Reads the request's body as text, and throws {@link BodyTooLarge} before it takes more memory than allowed. */
export async function readBody(c: Context): Promise<string> {
  const length = c.req.header("content-length");
  if (length === undefined) return readUnknownLength(c.req.raw.body);
  // Node's parser holds a sender to the length it announced, so the announcement can be believed.
  if (Number(length) > MAX_BODY_BYTES) throw new BodyTooLarge();
  return c.req.text();
}

async function readUnknownLength(body: ReadableStream<Uint8Array> | null): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BODY_BYTES) throw new BodyTooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
