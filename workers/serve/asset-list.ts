/** A file of the web client. */
export type Asset = { type: string; etag: string };

/** The web client: its files by path, and the headers of all of them, as `scripts/serve/web-assets.ts` has read them. */
export type Assets = { files: Record<string, Asset | undefined>; headers: Record<string, string> };
