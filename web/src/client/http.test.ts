import { afterEach, expect, it, vi } from "vitest";
import { callServer } from "./http.ts";

afterEach(() => vi.unstubAllGlobals());

/** What a call sends. */
async function requestOf(body: unknown): Promise<Request> {
  const fetched = vi.fn(async (url: string, init: RequestInit) => {
    requests.push(new Request(`http://im.example${url}`, init));
    return Response.json({});
  });
  const requests: Request[] = [];
  vi.stubGlobal("fetch", fetched);
  await callServer({ method: "POST", path: "/things", body });
  return requests[0] ?? expect.fail("nothing was sent");
}

it("sends a value as JSON", async () => {
  const request = await requestOf({ a: 1 });
  expect(request.headers.get("Content-Type")).toBe("application/json");
  expect(await request.json()).toEqual({ a: 1 });
});

it("sends a blob as it is, with its type", async () => {
  const request = await requestOf(new Blob(["bytes"], { type: "image/png" }));
  expect(request.headers.get("Content-Type")).toBe("image/png");
  expect(await request.text()).toBe("bytes");
});

it("sends no type without a body", async () => {
  expect((await requestOf(undefined)).headers.has("Content-Type")).toBe(false);
});
