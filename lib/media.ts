import { type MediaUrl, mediaId } from "../schema/wire/media.ts";

/**
 * SQL: whether something uploaded can be read and sent, over a row of `media`: it is stored, and either something names
 * it, or it is new and nothing has ever stopped naming it.
 */
export const MEDIA_IS_THERE = `media.content IS NOT NULL AND (
  media_is_used(media.url) OR (
    media.kept_until > now() AND NOT EXISTS (SELECT 1 FROM released_media WHERE released_media.url = media.url)
  ))`;

/** The widths that smaller pictures come in. */
export const PICTURE_WIDTHS = ["320", "1280"] as const;
export type PictureWidth = (typeof PICTURE_WIDTHS)[number];

/** The key in R2 of an upload, or of a smaller picture of it. */
export function objectKey(url: MediaUrl, width: PictureWidth | null = null): string {
  return width === null ? mediaId(url) : `${mediaId(url)}-${width}`;
}

/** All keys in R2 that an upload may have. */
export function objectKeys(url: MediaUrl): string[] {
  return [objectKey(url), ...PICTURE_WIDTHS.map((width) => objectKey(url, width))];
}
