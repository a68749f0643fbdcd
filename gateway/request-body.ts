import type { Context } from "hono";

/** The largest request body. A batch of 500 messages of the greatest length is a quarter of it. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** The request's body is longer than {@link MAX_BODY_BYTES}; each protocol reports it in its own format. */
export class BodyTooLarge extends Error {
  override readonly name = "BodyTooLarge";

  constructor() {
    super(`The request body is larger than ${MAX_BODY_BYTES} bytes`);
  }
}

/** Reads the request's body as text. Throws {@link BodyTooLarge} before it uses more memory than that. */
export async function readBody(c: Context): Promise<string> {
  const length = c.req.header("content-length");
  if (length === undefined) return readUnknownLength(c.req.raw.body);
  // Node's parser enforces the announced length, so it can be trusted.
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
