import { describe, expect, it } from "vitest";
import { readWranglerLine } from "./wrangler-output.ts";

describe("wrangler's output", () => {
  it.each([
    "",
    "edge-im-api has access to the following bindings:",
    "Binding                   Resource            Mode",
    "env.MEDIA (edge-im-media)       R2 Bucket                 local",
    "⎔ Starting local server...",
    "Cloudflare collects anonymous telemetry about your usage of Wrangler. Learn more at https://example.org",
    "[wrangler:info] Ready on http://127.0.0.1:9797",
    "[wrangler:info] GET /api/x 200 OK (786ms)",
    '    curl "http://127.0.0.1:9797/cdn-cgi/local/scheduled"',
  ])("hides %j", (line) => {
    expect(readWranglerLine(line)).toBeNull();
  });

  it("shows a line with the layer that wrote it", () => {
    const line = '[edge-im-task] {"event":"drained"}';
    expect(readWranglerLine(line)).toEqual({ source: "task", text: '{"event":"drained"}', level: "info" });
  });

  it("shows wrangler's own errors and warnings, with or without colours", () => {
    const fault = "\x1b[31m✘ \x1b[41;31m[\x1b[41;97mERROR\x1b[41;31m]\x1b[0m \x1b[1mBuild failed\x1b[0m";
    expect(readWranglerLine(fault)).toEqual({ source: "workers", text: "Build failed", level: "error" });
    const warning = "[wrangler:warn] something is odd";
    expect(readWranglerLine(warning)).toEqual({ source: "workers", text: "something is odd", level: "warn" });
  });
});
