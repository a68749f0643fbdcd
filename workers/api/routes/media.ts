import { OpenAPIHono, z } from "@hono/zod-openapi";
import { PICTURE_WIDTHS } from "../../../lib/media.ts";
import { MediaId, mediaUrl } from "../../../schema/wire/media.ts";
import type { ApiHono } from "../context.ts";
import { serveMedia } from "../media/serve.ts";
import { publicRoute } from "../route.ts";

/** What people have uploaded, for everybody who knows its url. */
export const mediaRoutes = new OpenAPIHono<ApiHono>();

mediaRoutes.openapi(
  publicRoute(
    {
      method: "get",
      path: "/media/{mediaId}",
      tags: ["Media"],
      summary: "Get something uploaded",
      description:
        "The `url` of a content. Images and recordings are shown in place, files are downloads. What it returns never changes; once nothing uses it any more it is not found. With `w`, a smaller picture of an image where the platform can make one, else the original.",
      request: {
        params: z.object({ mediaId: MediaId }),
        query: z.object({ w: z.enum(PICTURE_WIDTHS).optional() }),
      },
      responses: {
        200: { description: "The whole of it" },
        206: { description: "The requested range" },
        304: { description: "The client has it" },
      },
    },
    "media_not_found",
    "range_not_satisfiable",
  ),
  (context) => {
    const { w } = context.req.valid("query");
    const url = mediaUrl(context.req.valid("param").mediaId);
    return serveMedia(context.var.api, url, context.req.raw, w ?? null);
  },
);
