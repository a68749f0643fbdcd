import { z } from "zod";
import { Condition } from "./condition.ts";
import { R2Error } from "./r2-error.ts";
import type { Body, ListPage, Range, StoredObject } from "./store.ts";

/** The headers of the protocol in which the runtime's R2 binding speaks to its service. */
const REQUEST = "cf-r2-request";
const METADATA_SIZE = "cf-r2-metadata-size";
const ERROR = "cf-r2-error";

/** R2's bound of an object's metadata, with room for names (bytes). */
const MAX_REQUEST_BYTES = 1024 * 1024;

const Fields = z
  .array(z.object({ k: z.string(), v: z.string() }))
  .default([])
  .transform((fields) => Object.fromEntries(fields.map(({ k, v }) => [k, v])));
const HttpFields = z.record(z.string(), z.coerce.string()).default({});
/** Checksums that the caller demands: refused, not ignored, because nothing here compares them. */
const noChecksums = Object.fromEntries(
  ["md5", "sha1", "sha256", "sha384", "sha512"].map((name) => [name, z.undefined().optional()]),
);
const WantedRange = z.object({
  offset: z.coerce.number().optional(),
  length: z.coerce.number().optional(),
  suffix: z.coerce.number().optional(),
});
const key = z.string().min(1).max(1_024);

/** A request of the binding. */
export const Command = z.discriminatedUnion("method", [
  z.object({ method: z.literal("head"), object: key }),
  z.object({
    method: z.literal("get"),
    object: key,
    range: WantedRange.optional(),
    rangeHeader: z.string().optional(),
    onlyIf: Condition.optional(),
  }),
  z.object({
    method: z.literal("list"),
    limit: z.int().min(1).max(1_000).default(1_000),
    prefix: z.string().default(""),
    cursor: z.string().optional(),
    delimiter: z.string().optional(),
    startAfter: z.string().optional(),
  }),
  z.object({
    ...noChecksums,
    method: z.literal("put"),
    object: key,
    httpFields: HttpFields,
    customFields: Fields,
    onlyIf: Condition.optional(),
  }),
  z.object({ method: z.literal("delete"), object: key.optional(), objects: z.array(key).default([]) }),
  z.object({
    method: z.literal("createMultipartUpload"),
    object: key,
    httpFields: HttpFields,
    customFields: Fields,
  }),
  z.object({
    method: z.literal("uploadPart"),
    object: key,
    uploadId: z.string(),
    partNumber: z.int().min(1).max(10_000),
  }),
  z.object({
    method: z.literal("completeMultipartUpload"),
    object: key,
    uploadId: z.string(),
    parts: z.array(z.object({ etag: z.string(), part: z.int() })),
  }),
  z.object({ method: z.literal("abortMultipartUpload"), object: key, uploadId: z.string() }),
]);
export type Command = z.infer<typeof Command>;

/** Reads a command. Those that change something come in the body, in front of the bytes to store. */
export async function readCommand(request: Request): Promise<{ command: Command; body: Body | null }> {
  const header = request.headers.get(REQUEST);
  if (request.method === "GET" && header !== null) return { command: parse(header), body: null };
  const commandBytes = Number(request.headers.get(METADATA_SIZE) ?? Number.NaN);
  if (request.body === null || !(commandBytes > 0 && commandBytes <= MAX_REQUEST_BYTES)) {
    throw new R2Error("invalidArgument");
  }
  const reader = request.body.getReader({ mode: "byob" });
  const { value, done } = await reader.readAtLeast(commandBytes, new Uint8Array(commandBytes));
  if (done || value === undefined || value.byteLength < commandBytes) throw new R2Error("invalidArgument");
  reader.releaseLock();
  const size = Number(request.headers.get("Content-Length") ?? Number.NaN) - commandBytes;
  return { command: parse(new TextDecoder().decode(value)), body: { stream: request.body, size } };
}

function parse(text: string): Command {
  const command = Command.safeParse(JSON.parse(text));
  if (!command.success) throw new R2Error("invalidArgument");
  return command.data;
}

/** The response with an object, or with a range of its bytes. */
export function objectResponse(
  object: StoredObject,
  content?: { range: Range; body: ReadableStream<Uint8Array> },
): Response {
  const { range, body } = content ?? { range: { offset: 0, length: object.size }, body: null };
  return withMetadata(fieldsOf(object, range), body === null ? null : { stream: body, size: range.length });
}

/** The response with a page of objects. */
export function listResponse({ objects, delimitedPrefixes, cursor }: ListPage): Response {
  return withMetadata({
    objects: objects.map((object) => fieldsOf(object)),
    delimitedPrefixes,
    truncated: cursor !== null,
    ...(cursor !== null && { cursor }),
  });
}

/** The response with some other result. */
export function resultResponse(result: Record<string, string>): Response {
  return withMetadata(result);
}

/** The response with an error; of an unmet condition, with the object as it is. */
export function errorResponse(error: R2Error, object?: StoredObject): Response {
  const response = object === undefined ? new Response(null) : objectResponse(object);
  const headers = new Headers(response.headers);
  headers.set(ERROR, JSON.stringify({ version: 1, v4code: error.code, message: error.message }));
  return new Response(response.body, { status: error.status, headers });
}

function fieldsOf({ key, http, custom, ...object }: StoredObject, range?: Range): object {
  const isMd5 = /^[0-9a-f]{32}$/.test(object.etag);
  return {
    ...object,
    name: key,
    httpFields: http,
    customFields: Object.entries(custom).map(([k, v]) => ({ k, v })),
    checksums: isMd5 ? { 0: object.etag } : {},
    ...(range !== undefined && { range }),
  };
}

/** The binding reads the metadata from the beginning of the body, and then the bytes. */
function withMetadata(metadata: object, body: Body | null = null): Response {
  const text = new TextEncoder().encode(JSON.stringify(metadata));
  const headers = { [METADATA_SIZE]: String(text.byteLength), "Content-Type": "application/json" };
  if (body === null) return new Response(text, { headers });
  const { readable, writable } = new FixedLengthStream(text.byteLength + body.size);
  // A fault ends the stream before its length: the reader sees it as one.
  void writeAll(writable, text, body.stream).catch(() => {});
  return new Response(readable, { headers });
}

async function writeAll(
  writable: WritableStream<Uint8Array>,
  head: Uint8Array,
  rest: ReadableStream<Uint8Array>,
): Promise<void> {
  const writer = writable.getWriter();
  await writer.write(head);
  writer.releaseLock();
  await rest.pipeTo(writable);
}
