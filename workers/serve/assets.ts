import type { Assets } from "./asset-list.ts";

export type AssetsEnv = {
  ASSETS: Assets;
  /** The folder of the files. */
  ASSET_FILES: Fetcher;
};

const INDEX = "/index.html";

/** Serves the web client as Cloudflare does: a path that names no file is a page of the application. */
export async function serveAsset({ ASSETS, ASSET_FILES }: AssetsEnv, request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const headers = new Headers(ASSETS.headers);
  if (request.method !== "GET" && request.method !== "HEAD") {
    headers.set("Allow", "GET, HEAD");
    return new Response(null, { status: 405, headers });
  }
  if (pathname === INDEX) {
    headers.set("Location", `/${search}`);
    return new Response(null, { status: 307, headers });
  }
  const path = Object.hasOwn(ASSETS.files, pathname) ? pathname : INDEX;
  const asset = ASSETS.files[path];
  if (asset === undefined) return new Response("The web client is not built.", { status: 404, headers });
  headers.set("Content-Type", asset.type);
  headers.set("ETag", asset.etag);
  headers.set("Cache-Control", "public, max-age=0, must-revalidate");
  if (isKnown(request, asset.etag)) return new Response(null, { status: 304, headers });
  const file = await ASSET_FILES.fetch(`https://assets${path}`, { method: request.method });
  if (!file.ok)
    return new Response("The web client is being built.", { status: 503, headers: { "Retry-After": "5" } });
  const length = file.headers.get("Content-Length");
  if (length !== null) headers.set("Content-Length", length);
  return new Response(file.body, { headers });
}

function isKnown(request: Request, etag: string): boolean {
  const known = request.headers.get("If-None-Match")?.split(",") ?? [];
  return known.some((one) => one.trim() === "*" || one.trim().replace(/^W\//, "") === etag);
}
