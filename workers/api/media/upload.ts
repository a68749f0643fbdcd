import { Problem } from "../../../lib/problem.ts";
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
  const { head, chunks } = await peek(readBody(request, MAX_IMAGE_BYTES), IMAGE_HEAD_BYTES);
  const image = readImage(head);
  return await keep(api, userId, {
    chunks: wholeImage(image.mime, head, chunks),
    length: announcedLength(request),
    describe: (url, size) => ({ type: "image", url, ...image, size }),
  });
}

/** Keeps a recording. It is read as a whole: its length in seconds may be anywhere in it. */
export async function uploadVoice(api: Api, userId: UserId, request: Request): Promise<VoiceContent> {
  const bytes = await readAll(readBody(request, MAX_VOICE_BYTES));
  const voice = readVoice(bytes);
  return await keep(api, userId, {
    chunks: (async function* () {
      yield bytes;
    })(),
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
  const length = announcedLength(request);
  if (length !== null && length > MAX_FILE_BYTES) throw new Problem("payload_too_large");
  const [essence = ""] = (request.headers.get("Content-Type") ?? "").split(";");
  const mime = FileMime.safeParse(essence.trim().toLowerCase()).data ?? "application/octet-stream";
  return await keep(api, userId, {
    chunks: readBody(request, MAX_FILE_BYTES),
    length,
    describe: (url, size) => ({ type: "file", url, name, mime, size }),
  });
}
