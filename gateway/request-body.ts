import type { Context } from "hono";
import { Refusal } from "./refusal.ts";

/** Reads the request's body as text. Throws a {@link Refusal} before it uses more memory than `maxBytes`. */
export async function readBody(c: Context, maxBytes: number): Promise<string> {
  const length = c.req.header("content-length");
  if (length === undefined) return readUnknownLength(c.req.raw.body, maxBytes);
  // Node's parser enforces the announced length, so it can be trusted.
  if (Number(length) > maxBytes) throw tooLarge(maxBytes);
  return c.req.text();
}

async function readUnknownLength(body: ReadableStream<Uint8Array> | null, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function tooLarge(maxBytes: number): Refusal {
  return new Refusal("too large", `The request body is larger than ${maxBytes} bytes`);
}
