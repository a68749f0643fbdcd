import { and, eq, sql } from "drizzle-orm";
import { MEDIA_IS_THERE, objectKey, type PictureWidth } from "../../../lib/media.ts";
import { Problem } from "../../../lib/problem.ts";
import { media } from "../../../schema/tables/media.ts";
import type { MediaContent, MediaUrl } from "../../../schema/wire/media.ts";
import type { Api } from "../context.ts";
import { problemResponse } from "../errors.ts";
import { byteRange } from "./byte-range.ts";
import { PICTURE_TYPE, smallerPicture } from "./smaller-picture.ts";

/**
 * The response to a request for something uploaded. Its row says whether it is there: one look-up by its key for each
 * request, so that what was recalled is gone at once. The bytes are read from R2 only when they are sent.
 */
export async function serveMedia(
  api: Api,
  url: MediaUrl,
  request: Request,
  width: PictureWidth | null,
): Promise<Response> {
  const content = await findMedia(api, url);
  const picture = width === null ? null : await smallerPicture(api, content, width);
  if (picture !== null && width !== null) {
    const headers = commonHeaders(objectKey(url, width));
    headers.set("Content-Type", PICTURE_TYPE);
    headers.set("Content-Length", String(picture.size));
    if (isKnown(request, headers)) return new Response(null, { status: 304, headers });
    return new Response(request.method === "HEAD" ? null : picture.body, { headers });
  }

  const headers = commonHeaders(objectKey(url));
  for (const [name, value] of Object.entries(typeHeaders(content))) headers.set(name, value);
  headers.set("Accept-Ranges", "bytes");
  if (isKnown(request, headers)) return new Response(null, { status: 304, headers });
  const range = isSame(request, headers) ? byteRange(request.headers.get("Range"), content.size) : null;
  if (range === "unsatisfiable") {
    const response = problemResponse(new Problem("range_not_satisfiable"));
    response.headers.set("Content-Range", `bytes */${content.size}`);
    return response;
  }
  const { offset, length } = range ?? { offset: 0, length: content.size };
  headers.set("Content-Length", String(length));
  if (range !== null) {
    headers.set("Content-Range", `bytes ${offset}-${offset + length - 1}/${content.size}`);
  }
  const status = range === null ? 200 : 206;
  if (request.method === "HEAD" || length === 0) return new Response(null, { status, headers });
  const object = await api.media.get(objectKey(url), { range: { offset, length } });
  if (object === null) throw new Problem("media_not_found");
  return new Response(object.body, { status, headers });
}

async function findMedia({ database }: Api, url: MediaUrl): Promise<MediaContent> {
  const [found] = await database
    .select({ content: media.content })
    .from(media)
    .where(and(eq(media.url, url), sql.raw(MEDIA_IS_THERE)));
  if (found === undefined || found.content === null) throw new Problem("media_not_found");
  return found.content;
}

/** The key is new for each upload, and what it names never changes. */
function commonHeaders(key: string): Headers {
  return new Headers({
    ETag: `"${key}"`,
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
  });
}

/** Only what was read and found to be an image or a recording is shown in place. A file is a download, whatever it is. */
function typeHeaders(content: MediaContent): Record<string, string> {
  if (content.type !== "file") return { "Content-Type": content.mime };
  const plain = content.name.replace(/[^\w .()-]/g, "_");
  const encoded = encodeURIComponent(content.name).replace(
    /['()*!]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return {
    "Content-Type": "application/octet-stream",
    "Content-Disposition": `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`,
  };
}

/** Whether the client already has it (`If-None-Match`). */
function isKnown(request: Request, headers: Headers): boolean {
  const known = request.headers.get("If-None-Match");
  if (known === null) return false;
  const etags = known.split(",").map((etag) => etag.trim().replace(/^W\//, ""));
  return etags.includes("*") || etags.includes(headers.get("ETag") ?? "");
}

/** Whether a range continues what the client has (`If-Range`): without the header it does. */
function isSame(request: Request, headers: Headers): boolean {
  const had = request.headers.get("If-Range");
  return had === null || had === headers.get("ETag");
}
