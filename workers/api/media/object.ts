import type { Chunks } from "./body.ts";
import { concatenate } from "./bytes.ts";

/** R2 takes a body of unknown length in parts of one size, which is at least this (bytes). */
const PART_BYTES = 5 * 1024 * 1024;

/**
 * Stores an object as its bytes arrive, and returns its size. Nothing is stored when the chunks throw. Holds a few
 * chunks when the length is known, and one part when it is not.
 */
export async function storeObject(
  bucket: R2Bucket,
  key: string,
  chunks: Chunks,
  length: number | null,
): Promise<number> {
  return length === null
    ? await storeParts(bucket, key, chunks)
    : await storeStream(bucket, key, chunks, length);
}

async function storeStream(bucket: R2Bucket, key: string, chunks: Chunks, length: number): Promise<number> {
  const { readable, writable } = new FixedLengthStream(length);
  const [stored, pumped] = await Promise.allSettled([bucket.put(key, readable), pump(chunks, writable)]);
  // The fault of the chunks first: the put fails because of it.
  if (pumped.status === "rejected") throw pumped.reason;
  if (stored.status === "rejected") throw stored.reason;
  return length;
}

async function pump(chunks: Chunks, writable: WritableStream<Uint8Array>): Promise<void> {
  const writer = writable.getWriter();
  try {
    for await (const chunk of chunks) await writer.write(chunk);
    await writer.close();
  } catch (fault) {
    await writer.abort(fault).catch(() => {});
    throw fault;
  }
}

async function storeParts(bucket: R2Bucket, key: string, chunks: Chunks): Promise<number> {
  const parts = inParts(chunks);
  const first = await parts.next();
  if (first.done === true || first.value.byteLength < PART_BYTES) {
    const only = first.value ?? new Uint8Array();
    await bucket.put(key, only);
    return only.byteLength;
  }
  const upload = await bucket.createMultipartUpload(key);
  try {
    const uploaded = [await upload.uploadPart(1, first.value)];
    let size = first.value.byteLength;
    for await (const part of parts) {
      uploaded.push(await upload.uploadPart(uploaded.length + 1, part));
      size += part.byteLength;
    }
    await upload.complete(uploaded);
    return size;
  } catch (fault) {
    // R2 itself drops what is left of an upload after a week.
    await upload.abort().catch(() => {});
    throw fault;
  }
}

/** The same bytes in parts of one size; the last one may be shorter. */
async function* inParts(chunks: Chunks): AsyncGenerator<Uint8Array, undefined> {
  let held: Uint8Array[] = [];
  let size = 0;
  for await (let chunk of chunks) {
    while (size + chunk.byteLength >= PART_BYTES) {
      const missing = PART_BYTES - size;
      yield concatenate([...held, chunk.subarray(0, missing)]);
      chunk = chunk.subarray(missing);
      held = [];
      size = 0;
    }
    if (chunk.byteLength > 0) held.push(chunk);
    size += chunk.byteLength;
  }
  if (size > 0) yield concatenate(held);
  return undefined;
}
