import { createHash } from "node:crypto";
import { AwsClient } from "aws4fetch";
import { XMLBuilder } from "fast-xml-parser";
import { z } from "zod";
import type { Condition } from "./condition.ts";
import { R2Error } from "./r2-error.ts";
import { conditionHeaders, metadataHeaders, objectOf, rangeHeader } from "./s3-headers.ts";
import { parseCompleted, parseListing, parseUploadId } from "./s3-xml.ts";
import type {
  Body,
  Found,
  ListOptions,
  ListPage,
  Metadata,
  ObjectStore,
  Part,
  StoredObject,
  WantedRange,
} from "./store.ts";

/** An S3-compatible server, and the bucket on it. */
export const S3Settings = z.object({
  endpoint: z.url(),
  bucket: z.string(),
  region: z.string(),
  accessKeyId: z.string(),
  secretAccessKey: z.string(),
});

type Call = {
  key?: string;
  query?: Record<string, string>;
  headers?: Headers | Record<string, string>;
  body?: string | ReadableStream<Uint8Array>;
};

/** Objects on an S3-compatible server. Bytes are passed on as they come. */
export class S3Store implements ObjectStore {
  readonly #bucketUrl: string;
  readonly #client: AwsClient;

  constructor({ endpoint, bucket, ...credentials }: z.infer<typeof S3Settings>) {
    this.#bucketUrl = `${endpoint.replace(/\/$/, "")}/${bucket}`;
    // A retry would have to hold the whole body: who calls may try again.
    this.#client = new AwsClient({ ...credentials, service: "s3", retries: 0 });
  }

  async head(key: string): Promise<StoredObject | null> {
    const response = await this.#call("HEAD", { key });
    if (response.status === 404) return null;
    return objectOf(key, expectOk(response).headers);
  }

  async get(key: string, wanted: WantedRange | null, condition: Condition | null): Promise<Found | null> {
    const headers = new Headers(condition === null ? {} : conditionHeaders(condition));
    if (wanted !== null) headers.set("Range", rangeHeader(wanted));
    const response = await this.#call("GET", { key, headers });
    if (response.status === 404) return null;
    if (response.status === 416) throw new R2Error("invalidRange");
    if (response.status === 304 || response.status === 412) {
      const object = await this.head(key);
      return object === null ? null : { object, range: { offset: 0, length: object.size }, body: null };
    }
    const object = objectOf(key, expectOk(response).headers);
    const [, from, to] = /^bytes (\d+)-(\d+)\//.exec(response.headers.get("Content-Range") ?? "") ?? [];
    const offset = Number(from ?? 0);
    const length = to === undefined ? object.size : Number(to) - offset + 1;
    return { object, range: { offset, length }, body: response.body ?? new Blob([]).stream() };
  }

  async put(
    key: string,
    body: Body,
    metadata: Metadata,
    condition: Condition | null,
  ): Promise<StoredObject | null> {
    const headers = new Headers({
      ...metadataHeaders(metadata),
      ...(condition !== null && conditionHeaders(condition)),
    });
    const response = await this.#send("PUT", { key, headers }, body);
    if (response.status === 412) return null;
    const stored = objectOf(key, expectOk(response).headers);
    return { ...stored, ...metadata, size: body.size, uploaded: Date.now() };
  }

  async delete(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    const xml = new XMLBuilder({}).build({ Delete: { Quiet: true, Object: keys.map((Key) => ({ Key })) } });
    const response = await this.#call("POST", { query: { delete: "" }, body: xml, headers: withMd5(xml) });
    const text = await expectOk(response).text();
    if (text.includes("<Error>")) throw new Error(`deleting failed: ${text.slice(0, 500)}`);
  }

  async list({ prefix, limit, startAfter, cursor, delimiter }: ListOptions): Promise<ListPage> {
    const response = await this.#call("GET", {
      query: {
        ...{ "list-type": "2", prefix, "max-keys": String(limit) },
        ...(startAfter !== null && { "start-after": startAfter }),
        ...(cursor !== null && { "continuation-token": cursor }),
        ...(delimiter !== null && { delimiter }),
      },
    });
    return parseListing(await expectOk(response).text());
  }

  async createUpload(key: string, metadata: Metadata): Promise<string> {
    const response = await this.#call("POST", {
      key,
      query: { uploads: "" },
      headers: metadataHeaders(metadata),
    });
    return parseUploadId(await expectOk(response).text());
  }

  async uploadPart(key: string, uploadId: string, partNumber: number, body: Body): Promise<string> {
    const response = await this.#send(
      "PUT",
      { key, query: { partNumber: String(partNumber), uploadId } },
      body,
    );
    if (response.status === 404) throw new R2Error("noSuchUpload");
    return (expectOk(response).headers.get("ETag") ?? "").replaceAll('"', "");
  }

  async completeUpload(key: string, uploadId: string, parts: readonly Part[]): Promise<StoredObject> {
    const listed = parts.map(({ partNumber, etag }) => ({ PartNumber: partNumber, ETag: `"${etag}"` }));
    const xml = new XMLBuilder({}).build({ CompleteMultipartUpload: { Part: listed } });
    const response = await this.#call("POST", { key, query: { uploadId }, body: xml });
    if (response.status === 404) throw new R2Error("noSuchUpload");
    if (response.status === 400) throw new R2Error("invalidPart");
    // The server may report a fault after it has begun a successful response.
    parseCompleted(await expectOk(response).text());
    const object = await this.head(key);
    if (object === null) throw new Error("an upload is complete, but its object is not there");
    return object;
  }

  async abortUpload(key: string, uploadId: string): Promise<void> {
    const response = await this.#call("DELETE", { key, query: { uploadId } });
    if (response.status !== 404) expectOk(response);
  }

  /** A call with a body that is not looked into. */
  async #send(method: string, call: Call, { stream, size }: Body): Promise<Response> {
    const { readable, writable } = new FixedLengthStream(size);
    const [response, sent] = await Promise.allSettled([
      this.#call(method, { ...call, body: readable }),
      stream.pipeTo(writable),
    ]);
    // The fault of the body first: the call fails because of it. A refused call does not read its body to the end.
    if (sent.status === "rejected" && !(response.status === "fulfilled" && !response.value.ok))
      throw sent.reason;
    if (response.status === "rejected") throw response.reason;
    return response.value;
  }

  async #call(method: string, { key, query = {}, headers, body }: Call): Promise<Response> {
    const path = key === undefined ? "" : `/${key.split("/").map(encodeURIComponent).join("/")}`;
    const search = new URLSearchParams(query).toString();
    const url = `${this.#bucketUrl}${path}${search === "" ? "" : `?${search}`}`;
    return await this.#client.fetch(url, {
      method,
      headers: new Headers(headers),
      ...(body !== undefined && { body }),
    });
  }
}

/** Servers demand a checksum of a list of deletions. */
function withMd5(text: string): Record<string, string> {
  return { "Content-MD5": createHash("md5").update(text).digest("base64") };
}

function expectOk(response: Response): Response {
  if (!response.ok) throw new Error(`the S3 server returned ${response.status}`);
  return response;
}
