import type { BucketCall, BucketResult, DescribedObject } from "./bucket-call.fixture.ts";

/** A Worker that calls its R2 bucket for a test. The bytes of every object count up, so that each can be told by its place. */
export default {
  async fetch(request, { BUCKET }) {
    if (request.method === "GET") return new Response("ready");
    const call: BucketCall = await request.json();
    try {
      return Response.json(await carryOut(BUCKET, call));
    } catch (fault) {
      return Response.json({ error: String(fault) } satisfies BucketResult);
    }
  },
} satisfies ExportedHandler<{ BUCKET: R2Bucket }>;

async function carryOut(bucket: R2Bucket, call: BucketCall): Promise<BucketResult> {
  switch (call.op) {
    case "put": {
      const { readable, writable } = new FixedLengthStream(call.size);
      const written = write(writable, call.size);
      const object = await bucket.put(call.key, readable, call.options);
      await written;
      return { object: described(object) };
    }
    case "get": {
      const object = await bucket.get(call.key, call.options);
      const body = object !== null && "body" in object ? await counted(object.body) : null;
      return { object: described(object), body };
    }
    case "head":
      return { object: described(await bucket.head(call.key)) };
    case "delete":
      await bucket.delete(call.keys);
      return {};
    case "list": {
      const page = await bucket.list(call.options);
      return {
        keys: page.objects.map(({ key }) => key),
        prefixes: page.delimitedPrefixes,
        cursor: page.truncated ? page.cursor : null,
      };
    }
    case "upload": {
      const upload = await bucket.createMultipartUpload(call.key, { customMetadata: { by: "parts" } });
      const parts: R2UploadedPart[] = [];
      for (const [index, size] of call.sizes.entries())
        parts.push(await upload.uploadPart(index + 1, bytes(size)));
      if (call.end === "abort") {
        await upload.abort();
        return {};
      }
      const [first, ...rest] = parts;
      const wrong =
        first === undefined ? [] : [{ ...first, etag: "0123456789abcdef0123456789abcdef" }, ...rest];
      return { object: described(await upload.complete(call.end === "complete" ? parts : wrong)) };
    }
    default:
      return call satisfies never;
  }
}

function bytes(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => index % 251);
}

async function write(writable: WritableStream<Uint8Array>, size: number): Promise<void> {
  const writer = writable.getWriter();
  const chunk = bytes(251 * 256);
  for (let sent = 0; sent < size; sent += chunk.byteLength)
    await writer.write(chunk.subarray(0, size - sent));
  await writer.close();
}

async function counted(body: ReadableStream<Uint8Array>): Promise<{ size: number; first: number }> {
  let size = 0;
  let first: number | undefined;
  for await (const chunk of body) {
    first ??= chunk[0];
    size += chunk.byteLength;
  }
  return { size, first: first ?? -1 };
}

function described(object: R2Object | null): DescribedObject | null {
  if (object === null) return null;
  const { key, size, etag, uploaded, httpMetadata, customMetadata, range } = object;
  return {
    ...{ key, size, etag, range, custom: customMetadata },
    uploaded: uploaded.getTime(),
    contentType: httpMetadata?.contentType,
  };
}
