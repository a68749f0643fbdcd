import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { MessageLog } from "./message-log.ts";

const log = new MessageLog(
  {
    UPSTASH_KAFKA_REST_URL: "https://log.example/kafka/",
    UPSTASH_KAFKA_REST_USERNAME: "task",
    UPSTASH_KAFKA_REST_PASSWORD: "secret",
    TOPIC_LAYOUT: "object",
  },
  "test",
);

const request = vi.fn<typeof fetch>();

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("fetch", request);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  request.mockReset();
});

function page(next: string | null, ...topics: string[]): Response {
  return Response.json({
    items: topics.map((topic) => ({ topic, partition: 0, committed: 2, end: 5 })),
    next,
  });
}

test("requests one page of lag with its credentials, and leaves out topics of other systems", async () => {
  request.mockResolvedValueOnce(page("other", "group.1", "other"));
  expect(await log.lagging("group.0", 2)).toEqual({
    items: [{ topic: "group.1", committed: 2, end: 5 }],
    next: "other",
  });
  expect(request.mock.calls).toEqual([
    [
      "https://log.example/kafka/lagging/task?limit=2&after=group.0",
      { headers: { authorization: `Basic ${btoa("task:secret")}` } },
    ],
  ]);
});

test("retries a failed request for a page", async () => {
  request.mockRejectedValueOnce(new TypeError("no connection"));
  request.mockResolvedValueOnce(new Response("busy", { status: 503 }));
  request.mockResolvedValueOnce(page(null, "user.1"));
  const lagging = log.lagging("", 10);
  await vi.runAllTimersAsync();
  expect(await lagging).toMatchObject({ items: [{ topic: "user.1" }], next: null });
});

test("throws when no attempt succeeds", async () => {
  request.mockImplementation(async () => new Response("busy", { status: 503 }));
  const lagging = expect(log.lagging("", 10)).rejects.toThrow("503");
  await vi.runAllTimersAsync();
  await lagging;
  expect(request).toHaveBeenCalledTimes(6);
});
