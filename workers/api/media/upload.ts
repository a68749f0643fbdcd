import type { UserId } from "../../../schema/wire/ids.ts";
import type { FileContent, ImageContent, VoiceContent } from "../../../schema/wire/media.ts";
import { FileMime, MAX_FILE_BYTES, MAX_IMAGE_BYTES, MAX_VOICE_BYTES } from "../../../schema/wire/media.ts";
import type { Api } from "../context.ts";
import { announcedLength, peek, readAll, readBody } from "./body.ts";
import { IMAGE_HEAD_BYTES, readImage, wholeImage } from "./image.ts";
import { keep } from "./keep.ts";
import { readVoice } from "./voice.ts";

/** Keeps an image. It is judged by its bytes: by the first ones before anything is stored, by the last ones on the way. */
export async function uploadImage(api: Api, userId: UserId, request: Request): Promise<ImageContent> {
  const length = announcedLength(request, MAX_IMAGE_BYTES);
  const { head, chunks } = await peek(readBody(request, MAX_IMAGE_BYTES), IMAGE_HEAD_BYTES);
  const image = readImage(head);
  return await keep(api, userId, {
    body: wholeImage(image.mime, head, chunks),
    length,
    describe: (url, size) => ({ type: "image", url, ...image, size }),
  });
}

/** Keeps a recording. It is read as a whole: its length in seconds may be anywhere in it. */
export async function uploadVoice(api: Api, userId: UserId, request: Request): Promise<VoiceContent> {
  announcedLength(request, MAX_VOICE_BYTES);
  const bytes = await readAll(readBody(request, MAX_VOICE_BYTES));
  const voice = readVoice(bytes);
  return await keep(api, userId, {
    body: bytes,
    length: bytes.byteLength,
    describe: (url, size) => ({ type: "voice", url, ...voice, size }),
  });
}

/** Keeps any file. Its media type is only what the request calls it. */
export async function uploadFile(
  api: Api,
  userId: UserId,
  request: Request,
  name: string,
): Promise<FileContent> {
  const length = announcedLength(request, MAX_FILE_BYTES);
  const [essence = ""] = (request.headers.get("Content-Type") ?? "").split(";");
  const mime = FileMime.safeParse(essence.trim().toLowerCase()).data ?? "application/octet-stream";
  return await keep(api, userId, {
    // With a length there is nothing left to look at: the bytes need not come through here.
    body: length !== null && request.body !== null ? request.body : readBody(request, MAX_FILE_BYTES),
    length,
    describe: (url, size) => ({ type: "file", url, name, mime, size }),
  });
}
