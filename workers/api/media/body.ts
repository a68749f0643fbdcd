import { Problem } from "../../../lib/problem.ts";
import { concatenate } from "./bytes.ts";

/** The chunks of a body as they arrive. */
export type Chunks = AsyncIterable<Uint8Array>;

/** The length that a request announces for its body; null when it announces none. */
export function announcedLength(request: Request): number | null {
  const header = request.headers.get("Content-Length");
  return header !== null && /^\d{1,15}$/.test(header) ? Number(header) : null;
}

/** A request's body, chunk by chunk. Throws `payload_too_large` before it has read more than the limit. */
export async function* readBody(request: Request, limit: number): Chunks {
  if ((announcedLength(request) ?? 0) > limit) throw new Problem("payload_too_large");
  if (request.body === null) return;
  let size = 0;
  for await (const chunk of request.body as ReadableStream<Uint8Array>) {
    size += chunk.byteLength;
    if (size > limit) throw new Problem("payload_too_large");
    yield chunk;
  }
}

/** The beginning of a body, of so many bytes unless it is shorter, and all its chunks again. */
export async function peek(chunks: Chunks, bytes: number): Promise<{ head: Uint8Array; chunks: Chunks }> {
  const iterator = chunks[Symbol.asyncIterator]();
  const begun: Uint8Array[] = [];
  let size = 0;
  while (size < bytes) {
    const { value, done } = await iterator.next();
    if (done === true) break;
    begun.push(value);
    size += value.byteLength;
  }
  const head = concatenate(begun);
  return {
    head,
    chunks: (async function* () {
      yield head;
      for (;;) {
        const { value, done } = await iterator.next();
        if (done === true) return;
        yield value;
      }
    })(),
  };
}

/** All bytes of a body. */
export async function readAll(chunks: Chunks): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return concatenate(all);
}
