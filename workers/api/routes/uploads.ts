import { OpenAPIHono, z } from "@hono/zod-openapi";
import {
  FileContent,
  FileName,
  ImageContent,
  ImageMime,
  VoiceContent,
  VoiceMime,
} from "../../../schema/wire/media.ts";
import type { ApiHono } from "../context.ts";
import { uploadFile, uploadImage, uploadVoice } from "../media/upload.ts";
import { binaryBody, json, limitedRoute } from "../route.ts";

const tags = ["Media"];

/** What people upload before they send it. */
export const uploads = new OpenAPIHono<ApiHono>();

uploads.openapi(
  limitedRoute(
    "RATE_LIMIT_UPLOAD",
    {
      method: "post",
      path: "/images",
      tags,
      summary: "Upload an image",
      description:
        "The body is a PNG, JPEG, WebP or GIF, by its bytes, of at most 10 MiB and 50 megapixels. The response is the content of a message: send it as it is. An image that nothing uses for a day is removed.",
      request: { body: binaryBody(ImageMime.options) },
      responses: { 201: json(ImageContent, "The content of an image message") },
    },
    "bad_image",
  ),
  async (context) => {
    const { api, caller } = context.var;
    return context.json(await uploadImage(api, caller.userId, context.req.raw), 201);
  },
);

uploads.openapi(
  limitedRoute(
    "RATE_LIMIT_UPLOAD",
    {
      method: "post",
      path: "/voice",
      tags,
      summary: "Upload a recording",
      description:
        "The body is Opus in Ogg or WebM, or AAC in MP4, by its bytes, of at most 5 MiB. The response is the content of a message: send it as it is.",
      request: { body: binaryBody(VoiceMime.options) },
      responses: { 201: json(VoiceContent, "The content of a voice message") },
    },
    "bad_voice",
  ),
  async (context) => {
    const { api, caller } = context.var;
    return context.json(await uploadVoice(api, caller.userId, context.req.raw), 201);
  },
);

uploads.openapi(
  limitedRoute("RATE_LIMIT_UPLOAD", {
    method: "post",
    path: "/files",
    tags,
    summary: "Upload a file",
    description:
      "The body is a file of any type, of at most 25 MiB. It is always served as a download. The response is the content of a message: send it as it is.",
    request: { query: z.object({ name: FileName }), body: binaryBody(["application/octet-stream"]) },
    responses: { 201: json(FileContent, "The content of a file message") },
  }),
  async (context) => {
    const { api, caller } = context.var;
    const { name } = context.req.valid("query");
    return context.json(await uploadFile(api, caller.userId, context.req.raw, name), 201);
  },
);
