import { XMLParser } from "fast-xml-parser";
import { z } from "zod";
import type { ListPage } from "./store.ts";

const LISTS = new Set(["Contents", "CommonPrefixes"]);
const parser = new XMLParser({ isArray: (name) => LISTS.has(name), parseTagValue: false });

const Listing = z.object({
  ListBucketResult: z.object({
    NextContinuationToken: z.string().optional(),
    Contents: z
      .array(
        z.object({ Key: z.string(), LastModified: z.string(), ETag: z.string(), Size: z.coerce.number() }),
      )
      .default([]),
    CommonPrefixes: z.array(z.object({ Prefix: z.string() })).default([]),
  }),
});

/** A page of `ListObjectsV2`. S3 lists no metadata. */
export function parseListing(xml: string): ListPage {
  const { NextContinuationToken, Contents, CommonPrefixes } = Listing.parse(
    parser.parse(xml),
  ).ListBucketResult;
  return {
    objects: Contents.map(({ Key, LastModified, ETag, Size }) => {
      const etag = ETag.replaceAll('"', "");
      return {
        key: Key,
        version: etag,
        size: Size,
        etag,
        uploaded: Date.parse(LastModified),
        http: {},
        custom: {},
      };
    }),
    delimitedPrefixes: CommonPrefixes.map(({ Prefix }) => Prefix),
    cursor: NextContinuationToken ?? null,
  };
}

/** The id in the response to `CreateMultipartUpload`. */
export function parseUploadId(xml: string): string {
  const Started = z.object({ InitiateMultipartUploadResult: z.object({ UploadId: z.string() }) });
  return Started.parse(parser.parse(xml)).InitiateMultipartUploadResult.UploadId;
}

/** Throws when the response to `CompleteMultipartUpload` reports a fault. */
export function parseCompleted(xml: string): void {
  z.object({ CompleteMultipartUploadResult: z.unknown() }).parse(parser.parse(xml));
}
