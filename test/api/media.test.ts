import { randomBytes, randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { gif, jpeg, mp4, mutated, ogg, png, webm, webp } from "../../lib/media.fixture.ts";
import type { FileContent, ImageContent, MediaContent, VoiceContent } from "../../schema/wire/media.ts";
import type { ProblemCode } from "../../schema/wire/problem.ts";
import { Client, request } from "../harness/client.ts";
import { upload } from "../harness/upload.ts";
import { useSharedSystem } from "../harness/use-system.ts";
import { expectProblem } from "./problem.ts";

const system = useSharedSystem();

const MEGABYTE = 1024 * 1024;

const get = (path: string, headers: Record<string, string> = {}, method = "GET") =>
  fetch(system().url + path, { method, headers });

async function uploaded<Content extends MediaContent>(
  client: Client,
  path: string,
  bytes: Uint8Array,
): Promise<Content> {
  const { status, body } = await upload<Content>(client, path, bytes);
  expect([status, body]).toEqual([201, expect.anything()]);
  return body;
}

/** A body that comes in pieces, so that its length is not announced. */
function inPieces(bytes: Uint8Array, piece = 64 * 1024): ReadableStream {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at < bytes.byteLength) controller.enqueue(bytes.subarray(at, at + piece));
      else controller.close();
      at += piece;
    },
  });
}

/** A PNG of this many bytes, most of them in a chunk that nobody reads. */
function largePng(size: number): Uint8Array {
  const small = png();
  const filler = Buffer.alloc(size - small.byteLength);
  filler.writeUInt32BE(filler.byteLength - 12, 0);
  filler.write("fiLl", 4);
  return Buffer.concat([small.subarray(0, 33), filler, small.subarray(33)]);
}

describe("an image", () => {
  it("is the content of a message, by its bytes whatever its Content-Type", async () => {
    const ada = await Client.register(system().url);
    for (const [mime, bytes] of [
      ["image/png", png({ width: 40, height: 30 })],
      ["image/jpeg", jpeg({ width: 40, height: 30 })],
      ["image/gif", gif({ width: 40, height: 30 })],
      ["image/webp", webp({ width: 40, height: 30 })],
    ] as const) {
      const { status, body } = await upload(ada, "/images", bytes, { type: "text/html" });
      expect(status).toBe(201);
      expect(body).toEqual({
        type: "image",
        url: expect.stringMatching(/^\/api\/v1\/media\/[\w-]{22}$/),
        width: 40,
        height: 30,
        mime,
        size: bytes.byteLength,
      });
      const served = await get(body.url);
      expect(served.status).toBe(200);
      expect(served.headers.get("content-type")).toBe(mime);
      expect(new Uint8Array(await served.arrayBuffer())).toEqual(Uint8Array.from(bytes));
    }
  });

  it("gets a url of its own each time", async () => {
    const ada = await Client.register(system().url);
    const one = await uploaded(ada, "/images", png());
    const two = await uploaded(ada, "/images", png());
    expect(one.url).not.toBe(two.url);
  });

  it("may come without an announced length", async () => {
    const ada = await Client.register(system().url);
    for (const bytes of [png(), largePng(9 * MEGABYTE)]) {
      const { status, body } = await upload(ada, "/images", inPieces(bytes));
      expect([status, body.size]).toEqual([201, bytes.byteLength]);
      const served = await (await get(body.url)).arrayBuffer();
      expect(Buffer.compare(Buffer.from(served), bytes)).toBe(0);
    }
  });

  it("is refused when it is no image, truncated, or too large", async () => {
    const ada = await Client.register(system().url);
    const refused: [Uint8Array, ProblemCode][] = [
      [new Uint8Array(), "unsupported_media_type"],
      [Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'/>"), "unsupported_media_type"],
      [Buffer.from("<html><script>1</script>"), "unsupported_media_type"],
      [png().subarray(0, -1), "bad_image"],
      [largePng(2 * MEGABYTE).subarray(0, -1), "bad_image"],
      [largePng(10 * MEGABYTE + 1), "payload_too_large"],
    ];
    for (const [bytes, code] of refused) {
      expectProblem(await upload(ada, "/images", bytes, { type: "image/png" }), code);
      expectProblem(await upload(ada, "/images", inPieces(bytes), { type: "image/png" }), code);
    }
    await uploaded(ada, "/images", largePng(10 * MEGABYTE));
  });

  it("is uploaded with a token only", async () => {
    const response = await fetch(`${system().url}/api/v1/images`, {
      method: "POST",
      body: Uint8Array.from(png()),
    });
    expect(response.status).toBe(401);
    await response.arrayBuffer();
  });
});

describe("what was uploaded", () => {
  it("is served to everybody who knows its url, and never changes", async () => {
    const ada = await Client.register(system().url);
    const bytes = largePng(100_000);
    const { url } = await uploaded(ada, "/images", bytes);
    const whole = await get(url);
    expect(Object.fromEntries(whole.headers)).toMatchObject({
      "cache-control": "public, max-age=31536000, immutable",
      "x-content-type-options": "nosniff",
      "accept-ranges": "bytes",
      "content-length": "100000",
    });
    await whole.arrayBuffer();

    const etag = whole.headers.get("etag") ?? "";
    expect(etag).toMatch(/^".+"$/);
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const response = await get(url, { "if-none-match": known });
      expect([response.status, await response.text()]).toEqual([304, ""]);
      expect(response.headers.get("etag")).toBe(etag);
    }
    const other = await get(url, { "if-none-match": '"other"' });
    expect([other.status, (await other.arrayBuffer()).byteLength]).toEqual([200, 100_000]);

    const head = await get(url, {}, "HEAD");
    expect([head.status, head.headers.get("content-length"), head.headers.get("etag")]).toEqual([
      200,
      "100000",
      etag,
    ]);
  });

  it("is served in ranges", async () => {
    const ada = await Client.register(system().url);
    const bytes = randomBytes(50_000);
    const { url } = await uploaded(ada, "/files?name=x", bytes);
    const etag = (await get(url, {}, "HEAD")).headers.get("etag") ?? "";
    for (const [range, from, to] of [
      ["bytes=0-9", 0, 10],
      ["bytes=49990-", 49_990, 50_000],
      ["bytes=-7", 49_993, 50_000],
      ["bytes=100-99999999", 100, 50_000],
    ] as const) {
      const response = await get(url, { range, "if-range": etag });
      expect(response.status).toBe(206);
      expect(response.headers.get("content-range")).toBe(`bytes ${from}-${to - 1}/50000`);
      const part = Buffer.from(await response.arrayBuffer());
      expect(Buffer.compare(part, bytes.subarray(from, to))).toBe(0);
    }
    const beyond = await get(url, { range: "bytes=50000-" });
    expect(beyond.headers.get("content-range")).toBe("bytes */50000");
    expectProblem(
      { status: beyond.status, headers: beyond.headers, body: await beyond.json() },
      "range_not_satisfiable",
    );
    for (const headers of [
      { range: "nonsense" },
      { range: "bytes=0-1,5-6" },
      { range: "bytes=0-9", "if-range": '"other"' },
    ]) {
      const response = await get(url, headers);
      expect([response.status, (await response.arrayBuffer()).byteLength]).toEqual([200, 50_000]);
    }
  });

  it("is not found under any other url", async () => {
    const { url } = system();
    expectProblem(
      await request(url, "GET", `/media/${randomBytes(16).toString("base64url")}`),
      "media_not_found",
    );
    expectProblem(await request(url, "GET", "/media/short"), "media_not_found");
    expectProblem(await request(url, "GET", `/media/${"%00".repeat(22)}`), "media_not_found");
  });

  it("is served smaller where that is possible, else as it is", async () => {
    const ada = await Client.register(system().url);
    const { url } = await uploaded(ada, "/images", png({ width: 2_000, height: 1_000 }));
    for (const width of [320, 1280]) {
      const response = await get(`${url}?w=${width}`);
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toMatch(/^image\/(png|webp)$/);
      await response.arrayBuffer();
    }
    const odd = await request(system().url, "GET", `${url.replace("/api/v1", "")}?w=99999`);
    expectProblem(odd, "invalid_request");
  });
});

describe("a file", () => {
  it("is a download, whatever it is", async () => {
    const ada = await Client.register(system().url);
    const page = Buffer.from("<html><script>alert(1)</script></html>");
    const name = "bericht (ü) 'heute' 会議.html";
    const path = `/files?name=${encodeURIComponent(name)}`;
    const { status, body } = await upload<FileContent>(ada, path, page, { type: "text/html; charset=utf-8" });
    expect(status).toBe(201);
    expect(body).toEqual({
      type: "file",
      url: expect.any(String),
      name,
      mime: "text/html",
      size: page.length,
    });
    const served = await get(body.url);
    expect(served.headers.get("content-type")).toBe("application/octet-stream");
    expect(served.headers.get("x-content-type-options")).toBe("nosniff");
    const disposition = served.headers.get("content-disposition") ?? "";
    expect(disposition).toMatch(/^attachment; filename="[\w .()-]+"; filename\*=UTF-8''[\w%.-]+$/);
    expect(decodeURIComponent(disposition.split("UTF-8''")[1] ?? "")).toBe(name);
    expect(Buffer.from(await served.arrayBuffer())).toEqual(page);
  });

  it("may be empty, and up to 25 MiB, with or without an announced length", async () => {
    const ada = await Client.register(system().url);
    const largest = randomBytes(25 * MEGABYTE);
    for (const bytes of [new Uint8Array(), largest]) {
      for (const body of [bytes, inPieces(bytes, 300_000)]) {
        const { status, body: content } = await upload<FileContent>(ada, "/files?name=x", body);
        expect([status, content.size]).toEqual([201, bytes.byteLength]);
        const served = Buffer.from(await (await get(content.url)).arrayBuffer());
        expect(Buffer.compare(served, bytes)).toBe(0);
      }
    }
    const larger = Buffer.concat([largest, Buffer.alloc(1)]);
    expectProblem(await upload(ada, "/files?name=x", larger), "payload_too_large");
    expectProblem(await upload(ada, "/files?name=x", inPieces(larger)), "payload_too_large");
  });

  it("needs a name that is none of a path", async () => {
    const ada = await Client.register(system().url);
    for (const name of ["", "%20", "a%2Fb", "a%5Cb", "a%0Ab", "a%00b", "a%E2%80%AEb", "x".repeat(256)])
      expectProblem(await upload(ada, `/files?name=${name}`, Buffer.from("x")), "invalid_request");
    expectProblem(await upload(ada, "/files", Buffer.from("x")), "invalid_request");
  });
});

describe("a recording", () => {
  it("has its type and length by its bytes", async () => {
    const ada = await Client.register(system().url);
    for (const [mime, bytes] of [
      ["audio/ogg", await ogg(2)],
      ["audio/webm", await webm(2)],
      ["audio/mp4", await mp4(2)],
    ] as const) {
      const content = await uploaded<VoiceContent>(ada, "/voice", bytes);
      expect(content).toEqual({
        type: "voice",
        url: expect.any(String),
        mime,
        size: bytes.byteLength,
        seconds: expect.closeTo(2, 1),
      });
      const served = await get(content.url);
      expect(served.headers.get("content-type")).toBe(mime);
      expect(Buffer.compare(Buffer.from(await served.arrayBuffer()), bytes)).toBe(0);
    }
  });

  it("is refused when it is none, broken, or too large", async () => {
    const ada = await Client.register(system().url);
    expectProblem(await upload(ada, "/voice", png()), "unsupported_media_type");
    expectProblem(await upload(ada, "/voice", (await ogg()).subarray(0, -1)), "bad_voice");
    const large = Buffer.alloc(5 * MEGABYTE + 1);
    expectProblem(await upload(ada, "/voice", large), "payload_too_large");
    expectProblem(await upload(ada, "/voice", inPieces(large)), "payload_too_large");
  });
});

it("answers whatever is wrong with the bytes", async () => {
  const ada = await Client.register(system().url);
  const originals: [string, Uint8Array][] = [
    ["/images", png()],
    ["/images", jpeg()],
    ["/images", gif()],
    ["/images", webp()],
    ["/voice", await ogg(1)],
    ["/voice", await webm(1)],
    ["/voice", await mp4(1)],
  ];
  for (let seed = 0; seed < 60; seed++) {
    const statuses = await Promise.all(
      originals.map(async ([path, bytes]) => (await upload(ada, path, mutated(bytes, seed))).status),
    );
    expect(statuses.filter((status) => ![201, 400, 415].includes(status))).toEqual([]);
  }
});

describe("a message with something uploaded", () => {
  const post = (client: Client, conversation: string, content: unknown, clientId: string = randomUUID()) =>
    client.ask("POST", "/messages", { conversation, clientId, content });

  it("goes to the other person, and into the history, as it was uploaded", async () => {
    const [ada, ben] = await Promise.all([Client.register(system().url), Client.register(system().url)]);
    const conversation = await ada.befriend(ben);
    const socket = await ben.connect();
    const contents = [
      await uploaded<ImageContent>(ada, "/images", png()),
      await uploaded<VoiceContent>(ada, "/voice", await ogg()),
      await uploaded<FileContent>(ada, "/files?name=notes.txt", Buffer.from("hello")),
    ];
    for (const content of contents) expect((await post(ada, conversation, content)).status).toBe(202);
    await socket.messages(conversation, 3);
    expect((await ben.history(conversation)).map(({ content }) => content)).toEqual(contents);
    const socketed = socket.all("message").map(({ message }) => message.content);
    expect(socketed).toEqual(contents);
  });

  it("may hold what its sender has uploaded or can see, and nothing else", async () => {
    const [ada, ben, eve] = await Promise.all([
      Client.register(system().url),
      Client.register(system().url),
      Client.register(system().url),
    ]);
    const conversation = await ada.befriend(ben);
    const eves = await eve.befriend(ben);
    const content = await uploaded<ImageContent>(ada, "/images", png());
    expectProblem(await post(eve, eves, content), "media_not_found");
    expectProblem(await post(ben, conversation, content), "media_not_found");

    const socket = await ben.connect();
    expect((await post(ada, conversation, content)).status).toBe(202);
    await socket.messages(conversation, 1);
    expectProblem(await post(eve, eves, content), "media_not_found");
    expect((await post(ben, eves, content)).status).toBe(202);
    await socket.messages(eves, 1);
    expect((await post(eve, eves, content)).status).toBe(202);
  });

  it("is refused when it differs from what was uploaded, or names nothing", async () => {
    const [ada, ben] = await Promise.all([Client.register(system().url), Client.register(system().url)]);
    const conversation = await ada.befriend(ben);
    const content = await uploaded<ImageContent>(ada, "/images", png());
    for (const forged of [{ width: 9 }, { mime: "image/gif" }, { size: 1 }])
      expectProblem(await post(ada, conversation, { ...content, ...forged }), "invalid_request");
    const file = { type: "file", url: content.url, name: "x", mime: "text/plain", size: content.size };
    expectProblem(await post(ada, conversation, file), "invalid_request");
    const nothing = `/api/v1/media/${randomBytes(16).toString("base64url")}`;
    expectProblem(await post(ada, conversation, { ...content, url: nothing }), "media_not_found");
    for (const url of ["https://example.org/x.png", "/api/v1/media/../users/me", "javascript:1"])
      expectProblem(await post(ada, conversation, { ...content, url }), "invalid_request");
  });

  it("takes it away once the last one is recalled", async () => {
    const [ada, ben] = await Promise.all([Client.register(system().url), Client.register(system().url)]);
    const conversation = await ada.befriend(ben);
    const socket = await ben.connect();
    const content = await uploaded<ImageContent>(ada, "/images", png());
    const clientId = randomUUID();
    await post(ada, conversation, content, clientId);
    await post(ada, conversation, content);
    await socket.messages(conversation, 2);
    const [first, second] = await ben.history(conversation);
    const recall = async (messageId: string | undefined) => {
      const operation = { op: "recall", conversation, clientId: randomUUID(), messageId };
      await ada.do("POST", "/operations", { operations: [operation] });
      await expect
        .poll(async () => {
          const message = (await ben.history(conversation)).find(({ id }) => id === messageId);
          return message?.content;
        })
        .toBeNull();
    };
    await recall(first?.id);
    expect((await get(content.url)).status).toBe(200);
    await recall(second?.id);
    const gone = await request(system().url, "GET", content.url.replace("/api/v1", ""));
    expectProblem(gone, "media_not_found");
    expectProblem(await post(ada, conversation, content), "media_not_found");
    // Sent again, the first message is still the same message.
    expect((await post(ada, conversation, content, clientId)).status).toBe(202);
    expect(await ben.history(conversation)).toHaveLength(2);
  });
});
