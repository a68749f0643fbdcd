import type { MediaContent } from "../../schema/wire/media.ts";
import type { ApiResponse, Client } from "./client.ts";

/** Sends a body that is the thing itself, as this person; returns the response with any status. */
export async function upload<Body = MediaContent>(
  client: Client,
  path: string,
  body: Uint8Array | ReadableStream,
  options: { method?: "POST" | "PUT"; type?: string } = {},
): Promise<ApiResponse<Body>> {
  const { method = "POST", type = "application/octet-stream" } = options;
  const response = await fetch(`${client.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${client.session.accessToken}`, "content-type": type },
    body: body instanceof ReadableStream ? body : new Blob([Uint8Array.from(body)]),
    // A stream has no length that could be announced.
    ...(body instanceof ReadableStream && { duplex: "half" }),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Body,
  };
}
