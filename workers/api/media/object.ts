import type { Chunks } from "./body.ts";

/** R2 takes a body of unknown length in parts of one size, which is at least this (bytes). */
const PART_BYTES = 5 * 1024 * 1024;

/** Bytes to store: all of them, a stream that nobody looks into, or chunks as they arrive. */
export type Body = Uint8Array | ReadableStream<Uint8Array> | Chunks;

/**
 * Stores an object as its bytes arrive, and returns its size. Nothing is stored when the body fails. Holds a few chunks
 * when the length is known, and one part when it is not.
 */
export async function storeObject(
  bucket: R2Bucket,
  key: string,
  body: Body,
  length: number | null,
): Promise<number> {
  if (body instanceof Uint8Array) return await storeBytes(bucket, key, body);
  if (length === null) return await storeParts(bucket, key, body);
  const { readable, writable } = new FixedLengthStream(length);
  const pumped = body instanceof ReadableStream ? body.pipeTo(writable) : pump(body, writable);
  const [stored, sent] = await Promise.allSettled([bucket.put(key, readable), pumped]);
  // The fault of the body first: the put fails because of it.
  if (sent.status === "rejected") throw sent.reason;
  if (stored.status === "rejected") throw stored.reason;
  return length;
}

async function storeBytes(bucket: R2Bucket, key: string, bytes: Uint8Array): Promise<number> {
  await bucket.put(key, bytes);
  return bytes.byteLength;
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
  if (first.done === true || first.value.byteLength < PART_BYTES)
    return await storeBytes(bucket, key, first.value ?? new Uint8Array());
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

/** The same bytes in parts of one size; the last one may be shorter. A part is valid until the next one is asked for. */
async function* inParts(chunks: Chunks): AsyncGenerator<Uint8Array, undefined> {
  // One buffer for all parts, which grows as it fills: most uploads are far smaller than a part.
  let part: Uint8Array = new Uint8Array(64 * 1024);
  let size = 0;
  for await (let chunk of chunks) {
    while (chunk.byteLength > 0) {
      if (size === part.byteLength && size < PART_BYTES) part = grown(part);
      const taken = chunk.subarray(0, part.byteLength - size);
      part.set(taken, size);
      size += taken.byteLength;
      chunk = chunk.subarray(taken.byteLength);
      if (size < PART_BYTES) continue;
      yield part;
      size = 0;
    }
  }
  if (size > 0) yield part.subarray(0, size);
  return undefined;
}

function grown(part: Uint8Array): Uint8Array {
  const larger = new Uint8Array(Math.min(PART_BYTES, part.byteLength * 2));
  larger.set(part);
  return larger;
}
