import { z } from "zod";
import { isStorable, UNSTORABLE } from "./text.ts";

/** Where the API serves what was uploaded. */
const MEDIA_PATH = "/api/v1/media/";

/** The name of something uploaded: 128 random bits, base64url. Who knows it may read it. */
export const MediaId = z
  .string()
  .regex(/^[\w-]{22}$/, "must be the id of something uploaded")
  .meta({ examples: ["Zr0Yw2H1u8q3Kc5nZr0Yw2"] });

/** The path of something uploaded, on the server that it was uploaded to. */
export const MediaUrl = z
  .string()
  .regex(/^\/api\/v1\/media\/[\w-]{22}$/, "must be the url that an upload returned")
  .brand<"MediaUrl">()
  .meta({ examples: ["/api/v1/media/Zr0Yw2H1u8q3Kc5nZr0Yw2"] });
export type MediaUrl = z.infer<typeof MediaUrl>;

export const ImageMime = z.enum(["image/png", "image/jpeg", "image/webp", "image/gif"]);
export type ImageMime = z.infer<typeof ImageMime>;

export const VoiceMime = z.enum(["audio/ogg", "audio/webm", "audio/mp4"]);
export type VoiceMime = z.infer<typeof VoiceMime>;

/** The name of a file, without a path: 1 to 255 characters. */
export const FileName = z
  .string()
  .trim()
  .refine((name) => [...name].length >= 1 && [...name].length <= 255, "must have 1 to 255 characters")
  // Also none that turn the order of characters round: "exe.txt" may not look like "txt.exe".
  .refine(
    (name) => !/[\p{Cc}\u202a-\u202e\u2066-\u2069/\\]/u.test(name),
    "may hold no path and no control characters",
  )
  .refine(isStorable, UNSTORABLE)
  .meta({ examples: ["notes.pdf"] });

/** A media type without parameters. */
export const FileMime = z
  .string()
  .max(127)
  .regex(/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/, "must be a media type")
  .meta({ examples: ["application/pdf"] });

/** A picture, as `POST /images` returns it. */
export const ImageContent = z
  .object({
    type: z.literal("image"),
    url: MediaUrl,
    width: z.int().min(1),
    height: z.int().min(1),
    mime: ImageMime,
    size: z.int().min(1),
  })
  .meta({ id: "ImageContent" });
export type ImageContent = z.infer<typeof ImageContent>;

/** Something recorded, as `POST /voice` returns it; `seconds` is how long it plays. */
export const VoiceContent = z
  .object({
    type: z.literal("voice"),
    url: MediaUrl,
    mime: VoiceMime,
    size: z.int().min(1),
    seconds: z.number().min(0),
  })
  .meta({ id: "VoiceContent" });
export type VoiceContent = z.infer<typeof VoiceContent>;

/** A file, as `POST /files` returns it; `mime` is what its sender called it, and nobody has checked that. */
export const FileContent = z
  .object({ type: z.literal("file"), url: MediaUrl, name: FileName, mime: FileMime, size: z.int().min(0) })
  .meta({ id: "FileContent" });
export type FileContent = z.infer<typeof FileContent>;

/** The contents that name something uploaded. */
export const MediaContent = z.discriminatedUnion("type", [ImageContent, VoiceContent, FileContent]);
export type MediaContent = z.infer<typeof MediaContent>;

/** The largest bodies (bytes). */
export const MAX_IMAGE_BYTES = 10 * 1024 * 1024;
export const MAX_VOICE_BYTES = 5 * 1024 * 1024;
export const MAX_FILE_BYTES = 25 * 1024 * 1024;

/** The most pixels of an image: more would cost whoever shows it too much memory. */
export const MAX_IMAGE_PIXELS = 50_000_000;

/** The url of something uploaded. */
export function mediaUrl(id: string): MediaUrl {
  return MediaUrl.parse(MEDIA_PATH + id);
}

/** The id in a url. */
export function mediaId(url: MediaUrl): string {
  return url.slice(MEDIA_PATH.length);
}
