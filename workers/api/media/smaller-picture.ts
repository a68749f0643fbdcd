import { objectKey, type PictureWidth } from "../../../lib/media.ts";
import type { MediaContent } from "../../../schema/wire/media.ts";
import type { Api } from "../context.ts";

/** The type of every smaller picture. */
export const PICTURE_TYPE = "image/webp";

type Picture = { body: ReadableStream | ArrayBuffer; size: number };

/**
 * A picture of an image, of at most this width: made once by the platform, then kept in R2 beside the image. Null when
 * there is none: not an image or not a larger one, one that may move, or the platform cannot make it.
 */
export async function smallerPicture(
  { media, images, log }: Pick<Api, "media" | "images" | "log">,
  content: MediaContent,
  width: PictureWidth,
): Promise<Picture | null> {
  if (images === undefined || content.type !== "image") return null;
  if (content.width <= Number(width) || content.mime === "image/gif") return null;
  const key = objectKey(content.url, width);
  const kept = await media.get(key);
  if (kept !== null) return { body: kept.body, size: kept.size };
  const original = await media.get(objectKey(content.url));
  if (original === null) return null;
  try {
    const made = await images
      .input(original.body)
      .transform({ width: Number(width), fit: "scale-down" })
      .output({ format: PICTURE_TYPE });
    const bytes = await made.response().arrayBuffer();
    await media.put(key, bytes);
    return { body: bytes, size: bytes.byteLength };
  } catch (fault) {
    log.error("no smaller picture", fault, { key });
    return null;
  }
}
