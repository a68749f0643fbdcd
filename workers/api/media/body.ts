import { Problem } from "../../../lib/problem.ts";
import { concatenate } from "./bytes.ts";

/** The chunks of a body as they arrive. */
export type Chunks = AsyncIterable<Uint8Array>;

/**
 * The length that a request announces for its body; null when it announces none. Throws `payload_too_large` when it is
 * over the limit: the body cannot be longer than announced.
 */
export function announcedLength(request: Request, limit: number): number | null {
  const header = request.headers.get("Content-Length");
  if (header === null || !/^\d{1,15}$/.test(header)) return null;
  if (Number(header) > limit) throw new Problem("payload_too_large");
  return Number(header);
}

/** So much is read at once (bytes): each chunk costs a few turns of the event loop. */
const CHUNK_BYTES = 64 * 1024;

/** A request's body, chunk by chunk. Throws `payload_too_large` before it has taken more than the limit. */
export async function* readBody(request: Request, limit: number): Chunks {
  if (request.body === null) return;
  const reader = request.body.getReader({ mode: "byob" });
  let size = 0;
  for (;;) {
    const { value, done } = await reader.readAtLeast(CHUNK_BYTES, new Uint8Array(CHUNK_BYTES));
    if (done || value === undefined) return;
    size += value.byteLength;
    if (size > limit) throw new Problem("payload_too_large");
    yield value;
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
