const HEADERS = { "content-type": "application/json" };
const OK = { status: 200, headers: HEADERS };

/** A JSON response. A string body with plain headers takes the server's fast path, which avoids web streams. */
export function jsonResponse(
  body: unknown,
  status = 200,
  headers?: Readonly<Record<string, string>>,
): Response {
  const init = status === 200 ? OK : { status, headers: { ...HEADERS, ...headers } };
  return new Response(JSON.stringify(body), init);
}
