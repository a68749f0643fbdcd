import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { getMimeType } from "hono/utils/mime";
import type { Asset, Assets } from "../../workers/serve/asset-list.ts";

/** The file of the platform that says which headers the assets get; it is no asset itself. */
const HEADERS_FILE = "_headers";

/** Reads what is in the folder of the built web client. */
export async function readWebAssets(folder: string): Promise<Assets> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const assets = paths.filter((path) => path !== join(folder, HEADERS_FILE));
  const files = await Promise.all(
    assets.map(
      async (path) => [`/${relative(folder, path).split(sep).join("/")}`, await readAsset(path)] as const,
    ),
  );
  const headers = paths.includes(join(folder, HEADERS_FILE))
    ? await readFile(join(folder, HEADERS_FILE), "utf8")
    : "";
  return { files: Object.fromEntries(files), headers: parseHeaders(headers) };
}

async function readAsset(path: string): Promise<Asset> {
  const digest = createHash("sha256")
    .update(await readFile(path))
    .digest("base64url");
  return { type: getMimeType(path) ?? "application/octet-stream", etag: `"${digest.slice(0, 22)}"` };
}

/** The headers of a `_headers` file. Throws when it has other rules than one for all paths. */
export function parseHeaders(text: string): Record<string, string> {
  const [pattern, ...lines] = text.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("#"));
  if (pattern !== undefined && pattern.trim() !== "/*")
    throw new Error(`${HEADERS_FILE} has a rule for ${pattern}`);
  return Object.fromEntries(
    lines.map((line) => {
      const [, name, value] = /^\s+([\w-]+):\s*(.+?)\s*$/.exec(line) ?? [];
      if (name === undefined || value === undefined) throw new Error(`${HEADERS_FILE} has a line ${line}`);
      return [name, value];
    }),
  );
}
