import { beforeEach, describe, expect, it } from "vitest";
import { Log } from "../../../lib/log.ts";
import { objectKey } from "../../../lib/media.ts";
import { type ImageContent, mediaUrl } from "../../../schema/wire/media.ts";
import type { Api } from "../context.ts";
import { smallerPicture } from "./smaller-picture.ts";

const url = mediaUrl("x".repeat(22));
const image: ImageContent = { type: "image", url, width: 2_000, height: 1_000, mime: "image/png", size: 8 };

/** R2 as far as pictures need it, and a platform that writes down what it was asked for. */
let objects: Map<string, string>;
let made: unknown[];
let fault: Error | undefined;

const media = {
  get: async (key: string) => {
    const text = objects.get(key);
    return text === undefined ? null : { body: new Blob([text]).stream(), size: text.length };
  },
  put: async (key: string, bytes: ArrayBuffer) => void objects.set(key, Buffer.from(bytes).toString()),
};

const images = {
  input: (stream: ReadableStream) => ({
    transform: (change: { width: number }) => ({
      output: async (options: unknown) => {
        if (fault !== undefined) throw fault;
        made.push([change, options]);
        const text = await new Response(stream).text();
        return { response: () => new Response(`${text} at ${change.width}`) };
      },
    }),
  }),
};

const log = new Log("api", { LOG_LEVEL: "error" });
/** Only what a smaller picture uses of both. */
const platform = { media, images, log } as unknown as Pick<Api, "media" | "images" | "log">;

async function textOf(content: ImageContent, width: "320" | "1280"): Promise<string | null> {
  const picture = await smallerPicture(platform, content, width);
  return picture && (await new Response(picture.body).text());
}

beforeEach(() => {
  objects = new Map([[objectKey(url), "original"]]);
  made = [];
  fault = undefined;
});

describe("a smaller picture", () => {
  it("is made once for each width, and kept", async () => {
    for (let turn = 0; turn < 2; turn++) {
      expect(await textOf(image, "320")).toBe("original at 320");
      expect(await textOf(image, "1280")).toBe("original at 1280");
    }
    expect(made).toEqual([
      [{ width: 320, fit: "scale-down" }, { format: "image/webp" }],
      [{ width: 1280, fit: "scale-down" }, { format: "image/webp" }],
    ]);
    expect([...objects.keys()]).toEqual([objectKey(url), objectKey(url, "320"), objectKey(url, "1280")]);
  });

  it("is not made of a small one, nor of one that may move", async () => {
    expect(await textOf({ ...image, width: 320 }, "320")).toBeNull();
    expect(await textOf({ ...image, mime: "image/gif" }, "320")).toBeNull();
    expect(made).toEqual([]);
  });

  it("is none where the platform has none, fails, or the original is gone", async () => {
    expect(await smallerPicture({ ...platform, images: undefined }, image, "320")).toBeNull();
    fault = new Error("cannot read this");
    expect(await textOf(image, "320")).toBeNull();
    fault = undefined;
    objects.clear();
    expect(await textOf(image, "320")).toBeNull();
  });
});
