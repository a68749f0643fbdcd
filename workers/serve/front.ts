import { perEnvironment } from "../../lib/environment.ts";
import type { ApiEnv } from "../api/context.ts";
import api from "../api/main.ts";
import { AddressLimit } from "./address-limit.ts";
import { type AssetsEnv, serveAsset } from "./assets.ts";
import { peerAddress } from "./peer-address.ts";

type FrontEnv = Omit<ApiEnv, "ADDRESS_LIMIT"> &
  AssetsEnv & {
    /** "on" when a proxy in front sets `X-Forwarded-For`. */
    TRUSTED_PROXY: string;
    /** How many requests a minute one address may make; empty for any number. */
    ADDRESS_LIMIT: string;
  };

const apiEnv = perEnvironment((env: FrontEnv): ApiEnv => {
  const { ADDRESS_LIMIT: most, ...rest } = env;
  return most === "" ? rest : { ...rest, ADDRESS_LIMIT: new AddressLimit(Number(most)) };
});

/**
 * The front door on this machine: the API's Worker, with what Cloudflare does before it: assets, the client's address and the
 * limit of each.
 */
export default {
  fetch(request, env, context) {
    const { pathname } = new URL(request.url);
    if (!pathname.startsWith("/api/") && !pathname.startsWith("/socket/")) return serveAsset(env, request);
    const headers = new Headers(request.headers);
    headers.set(
      "CF-Connecting-IP",
      peerAddress(request.headers, request.cf?.clientIp, env.TRUSTED_PROXY === "on"),
    );
    return api.fetch(new Request(request, { headers }), apiEnv(env), context);
  },
} satisfies ExportedHandler<FrontEnv>;
