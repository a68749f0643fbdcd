import type { ApiEnv } from "../api/context.ts";
import api from "../api/main.ts";
import { type AssetsEnv, serveAsset } from "./assets.ts";
import { peerAddress } from "./peer-address.ts";

type FrontEnv = ApiEnv &
  AssetsEnv & {
    /** "on" when a proxy in front sets `X-Forwarded-For`. */
    TRUSTED_PROXY: string;
  };

/** The front door of `npm run serve`: the API's Worker, with what Cloudflare does before it: assets and the client's address. */
export default {
  fetch(request, env, context) {
    const { pathname } = new URL(request.url);
    if (!pathname.startsWith("/api/") && !pathname.startsWith("/socket/")) return serveAsset(env, request);
    const headers = new Headers(request.headers);
    headers.set(
      "CF-Connecting-IP",
      peerAddress(request.headers, request.cf?.clientIp, env.TRUSTED_PROXY === "on"),
    );
    return api.fetch(new Request(request, { headers }), env, context);
  },
} satisfies ExportedHandler<FrontEnv>;
