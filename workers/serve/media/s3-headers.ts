import type { Condition } from "./condition.ts";
import type { Metadata, StoredObject, WantedRange } from "./store.ts";

/** The fields of R2's `httpMetadata` and their headers. */
const HTTP_FIELDS = {
  contentType: "Content-Type",
  contentLanguage: "Content-Language",
  contentDisposition: "Content-Disposition",
  contentEncoding: "Content-Encoding",
  cacheControl: "Cache-Control",
} as const;
/** `cacheExpiry` is milliseconds since the epoch, its header a date. */
const EXPIRES = "Expires";
const CUSTOM = "x-amz-meta-";

/** The headers that store metadata with an object. */
export function metadataHeaders({ http, custom }: Metadata): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [field, header] of Object.entries(HTTP_FIELDS)) {
    const value = http[field];
    if (value !== undefined) headers[header] = value;
  }
  if (http.cacheExpiry !== undefined) headers[EXPIRES] = new Date(Number(http.cacheExpiry)).toUTCString();
  for (const [name, value] of Object.entries(custom)) headers[`${CUSTOM}${name}`] = encodeURIComponent(value);
  return headers;
}

/** What the headers of a response say of an object. Names of custom metadata come back in lower case. */
export function objectOf(key: string, headers: Headers): StoredObject {
  const http: Record<string, string> = {};
  for (const [field, header] of Object.entries(HTTP_FIELDS)) {
    const value = headers.get(header);
    if (value !== null) http[field] = value;
  }
  const expires = Date.parse(headers.get(EXPIRES) ?? "");
  if (!Number.isNaN(expires)) http.cacheExpiry = String(expires);
  const custom = [...headers].flatMap(([name, value]) =>
    name.startsWith(CUSTOM) ? [[name.slice(CUSTOM.length), decodeURIComponent(value)]] : [],
  );
  const etag = (headers.get("ETag") ?? "").replace(/^W\//, "").replaceAll('"', "");
  const whole = /\/(\d+)$/.exec(headers.get("Content-Range") ?? "")?.[1];
  return {
    ...{ key, etag, http, custom: Object.fromEntries(custom) },
    version: headers.get("x-amz-version-id") ?? etag,
    size: Number(whole ?? headers.get("Content-Length") ?? 0),
    uploaded: Date.parse(headers.get("Last-Modified") ?? "") || 0,
  };
}

/** A range as S3 reads it. */
export function rangeHeader({ offset = 0, length, suffix }: WantedRange): string {
  if (suffix !== undefined) return `bytes=-${suffix}`;
  return `bytes=${offset}-${length === undefined ? "" : offset + length - 1}`;
}

/** A condition as headers of HTTP. */
export function conditionHeaders(condition: Condition): Record<string, string> {
  const { etagMatches, etagDoesNotMatch, uploadedBefore, uploadedAfter } = condition;
  return {
    ...(etagMatches !== undefined && { "If-Match": etagList(etagMatches) }),
    ...(etagDoesNotMatch !== undefined && { "If-None-Match": etagList(etagDoesNotMatch) }),
    ...(uploadedBefore !== undefined && { "If-Unmodified-Since": new Date(uploadedBefore).toUTCString() }),
    ...(uploadedAfter !== undefined && { "If-Modified-Since": new Date(uploadedAfter).toUTCString() }),
  };
}

function etagList(etags: NonNullable<Condition["etagMatches"]>): string {
  return etags
    .map((etag) => {
      if (etag.type === "wildcard") return "*";
      return `${etag.type === "weak" ? "W/" : ""}"${etag.value}"`;
    })
    .join(", ");
}
