import { randomBytes } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { storeObject } from "./object.ts";

const PART = 5 * 1024 * 1024;

/** R2 as far as bodies of unknown length need it. Copies what it gets: a part is valid only until the next one. */
let stored: Buffer[];
let aborted: boolean;
const bucket = {
  put: async (_: string, bytes: Uint8Array) => void stored.push(Buffer.from(bytes)),
  createMultipartUpload: async () => ({
    uploadPart: async (_: number, bytes: Uint8Array) => void stored.push(Buffer.from(bytes)),
    complete: async () => {},
    abort: async () => {
      aborted = true;
    },
  }),
} as unknown as R2Bucket;

async function* inChunks(bytes: Uint8Array, size: number, fault?: Error) {
  for (let at = 0; at < bytes.byteLength; at += size) yield bytes.subarray(at, at + size);
  if (fault !== undefined) throw fault;
}

beforeEach(() => {
  stored = [];
  aborted = false;
});

describe("a body of unknown length", () => {
  it.each([0, 1, 64 * 1024, PART - 1, PART, PART + 1, 3 * PART, 3 * PART + 7])(
    "is stored in parts of one size: %i bytes",
    async (size) => {
      const bytes = randomBytes(size);
      for (const chunk of [1_000_003, 65_536]) {
        stored = [];
        expect(await storeObject(bucket, "key", inChunks(bytes, chunk), null)).toBe(size);
        expect(Buffer.compare(Buffer.concat(stored), bytes)).toBe(0);
        expect(stored.slice(0, -1).every(({ byteLength }) => byteLength === PART)).toBe(true);
      }
    },
  );

  it("leaves nothing when it fails", async () => {
    const fault = new Error("cut off");
    const body = inChunks(randomBytes(PART + 9), 65_536, fault);
    await expect(storeObject(bucket, "key", body, null)).rejects.toThrow(fault);
    expect(aborted).toBe(true);
    stored = [];
    await expect(storeObject(bucket, "key", inChunks(randomBytes(9), 2, fault), null)).rejects.toThrow(fault);
    expect(stored).toEqual([]);
  });
});
