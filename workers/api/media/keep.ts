import { eq } from "drizzle-orm";
import { objectKey } from "../../../lib/media.ts";
import { media } from "../../../schema/tables/media.ts";
import type { UserId } from "../../../schema/wire/ids.ts";
import type { MediaContent } from "../../../schema/wire/media.ts";
import { type MediaUrl, mediaUrl } from "../../../schema/wire/media.ts";
import type { Api } from "../context.ts";
import { type Body, storeObject } from "./object.ts";

/** Something to keep: its bytes, their length if it is known, and what a message holds of it once its size is. */
export type Upload<Content extends MediaContent> = {
  body: Body;
  length: number | null;
  describe(url: MediaUrl, size: number): Content;
};

/**
 * Stores an upload under a new url. Its row comes first, so that no object is ever without one: task removes what is not
 * used, and whatever is left of an upload that failed.
 */
export async function keep<Content extends MediaContent>(
  api: Api,
  uploaderId: UserId,
  { body, length, describe }: Upload<Content>,
): Promise<Content> {
  const url = mediaUrl(Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("base64url"));
  await api.database.insert(media).values({ url, uploaderId });
  const size = await storeObject(api.media, objectKey(url), body, length);
  const content = describe(url, size);
  await api.database.update(media).set({ content }).where(eq(media.url, url));
  return content;
}
