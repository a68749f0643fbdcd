import { ApiProblem } from "./problem.ts";

const ROOT = "/api/v1";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** One call to the server; the path is relative to `/api/v1`. A blob is sent as it is, anything else as JSON. */
export type Call = {
  method: Method;
  path: string;
  body?: unknown;
  token?: string;
  signal?: AbortSignal | undefined;
};

/** A successful response; `body` is undefined when there is none. */
export type Answer = { status: number; body: unknown };

/**
 * Makes one call; anything but a success is thrown as an {@link ApiProblem}, a response cut off in its middle included.
 */
export async function callServer(call: Call): Promise<Answer> {
  const headers = new Headers({ Accept: "application/json" });
  if (call.token !== undefined) headers.set("Authorization", `Bearer ${call.token}`);
  const body = call.body instanceof Blob ? call.body : JSON.stringify(call.body);
  // A blob has its own type.
  if (typeof body === "string") headers.set("Content-Type", "application/json");
  const response = await fetch(ROOT + call.path, {
    method: call.method,
    headers,
    body: body ?? null,
    signal: call.signal ?? null,
  }).catch(unreached(call));
  if (!response.ok) throw await ApiProblem.from(response);
  const text = await response.text().catch(unreached(call));
  return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
}

/** A call that its caller aborted fails as that; any other fault is the network's. */
function unreached(call: Call): (error: unknown) => never {
  return (error) => {
    if (call.signal?.aborted) throw error;
    throw ApiProblem.network();
  };
}
