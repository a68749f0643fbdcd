import { type Catalogue, type File, fileUrl, type Mistake } from "./catalogue.ts";
import type { Condition } from "./condition.ts";
import { holds } from "./condition.ts";
import { R2Error } from "./r2-error.ts";
import { resolveRange } from "./range.ts";
import type {
  Body,
  Found,
  ListOptions,
  ListPage,
  Metadata,
  ObjectStore,
  Part,
  Range,
  StoredObject,
  WantedRange,
} from "./store.ts";

/** So much is read at once (bytes): each chunk costs a few turns of the event loop. */
const CHUNK_BYTES = 64 * 1024;

/** Objects as files in a folder, with a catalogue in a Durable Object. Bytes are passed on as they come. */
export class DiskStore implements ObjectStore {
  readonly #files: Fetcher;
  readonly #catalogue: DurableObjectStub<Catalogue>;

  constructor(files: Fetcher, catalogue: DurableObjectStub<Catalogue>) {
    this.#files = files;
    this.#catalogue = catalogue;
  }

  async head(key: string): Promise<StoredObject | null> {
    return (await this.#catalogue.find(key))?.object ?? null;
  }

  async get(key: string, wanted: WantedRange | null, condition: Condition | null): Promise<Found | null> {
    const found = await this.#catalogue.find(key);
    if (found === null) return null;
    const { object, files } = found;
    if (condition !== null && !holds(condition, object)) {
      return { object, range: { offset: 0, length: object.size }, body: null };
    }
    const range = resolveRange(wanted, object.size);
    return { object, range, body: this.#read(filesWithin(files, range)) };
  }

  async put(
    key: string,
    body: Body,
    metadata: Metadata,
    condition: Condition | null,
  ): Promise<StoredObject | null> {
    const { file, etag } = await this.#write(body);
    return await this.#catalogue.put(key, { file, etag, metadata }, condition);
  }

  async delete(keys: readonly string[]): Promise<void> {
    await this.#catalogue.remove([...keys]);
  }

  async list(options: ListOptions): Promise<ListPage> {
    return await this.#catalogue.list(options);
  }

  async createUpload(key: string, metadata: Metadata): Promise<string> {
    return await this.#catalogue.createUpload(key, metadata);
  }

  async uploadPart(key: string, uploadId: string, partNumber: number, body: Body): Promise<string> {
    const { file, etag } = await this.#write(body);
    return checked(await this.#catalogue.putPart(key, uploadId, partNumber, file, etag)).etag;
  }

  async completeUpload(key: string, uploadId: string, parts: readonly Part[]): Promise<StoredObject> {
    return checked(await this.#catalogue.completeUpload(key, uploadId, parts));
  }

  async abortUpload(key: string, uploadId: string): Promise<void> {
    await this.#catalogue.abortUpload(key, uploadId);
  }

  /** Writes a new file, which appears in the folder once it is whole. */
  async #write({ stream, size }: Body): Promise<{ file: File; etag: string }> {
    const name = await this.#catalogue.reserve();
    const digest = new crypto.DigestStream("MD5");
    const digesting = digest.getWriter();
    const { readable, writable } = new FixedLengthStream(size);
    const written = this.#files.fetch(fileUrl(name), { method: "PUT", body: readable });
    const passed = passOn(stream, writable, digesting);
    const [response, sent] = await Promise.allSettled([written, passed]);
    // The fault of the body first: the file fails because of it.
    if (sent.status === "rejected") throw sent.reason;
    if (response.status === "rejected") throw response.reason;
    if (!response.value.ok) throw new Error(`writing a file returned ${response.value.status}`);
    return { file: { name, size }, etag: Buffer.from(await digest.digest).toString("hex") };
  }

  /** Reads one file after the other. */
  #read(files: readonly (File & { range: Range })[]): ReadableStream<Uint8Array> {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const all = async () => {
      for (const { name, range } of files) {
        const response = await this.#files.fetch(fileUrl(name), {
          headers: { Range: `bytes=${range.offset}-${range.offset + range.length - 1}` },
        });
        if (!response.ok || response.body === null)
          throw new Error(`reading a file returned ${response.status}`);
        await response.body.pipeTo(writable, { preventClose: true });
      }
      await writable.close();
    };
    // A fault aborts the stream: the reader sees it.
    all().catch((fault: unknown) => writable.abort(fault).catch(() => {}));
    return readable;
  }
}

/** The files, and the bytes of each, that make a range. */
function filesWithin(files: readonly File[], { offset, length }: Range): (File & { range: Range })[] {
  let start = 0;
  return files.flatMap((file) => {
    const from = Math.max(offset, start) - start;
    const to = Math.min(offset + length, start + file.size) - start;
    start += file.size;
    return from < to ? [{ ...file, range: { offset: from, length: to - from } }] : [];
  });
}

/** Writes each chunk to both. */
async function passOn(
  stream: ReadableStream<Uint8Array>,
  writable: WritableStream<Uint8Array>,
  digesting: WritableStreamDefaultWriter<ArrayBuffer | ArrayBufferView>,
): Promise<void> {
  const writer = writable.getWriter();
  const reader = stream.getReader({ mode: "byob" });
  try {
    for (;;) {
      const { value, done } = await reader.readAtLeast(CHUNK_BYTES, new Uint8Array(CHUNK_BYTES));
      if (done || value === undefined) break;
      await digesting.write(value);
      await writer.write(value);
    }
    await digesting.close();
    await writer.close();
  } catch (fault) {
    await writer.abort(fault).catch(() => {});
    throw fault;
  } finally {
    reader.releaseLock();
  }
}

function checked<Value extends object>(value: Value | Mistake): Value {
  if (typeof value === "string") throw new R2Error(value);
  return value;
}
