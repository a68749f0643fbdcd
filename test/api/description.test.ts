import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { launchBrowser } from "../harness/browser.ts";
import { request } from "../harness/client.ts";
import { twoFriends } from "../harness/people.ts";
import { useSharedSystem } from "../harness/use-system.ts";

const system = useSharedSystem();

type Media = { schema: object; example?: unknown; examples?: Record<string, { value: unknown }> };
const Operations = z.record(z.string(), z.record(z.string(), z.unknown()));

/** Compiles schemas of the OpenAPI document, or of the socket's JSON Schema. */
function validator(components: object) {
  const ajv = addFormats.default(new Ajv2020({ strict: false, allErrors: true }));
  return (schema: object) => ajv.compile({ ...schema, ...components });
}

/** Every content of every body and response of the document, by where it stands. */
function* media(part: unknown, path: string[] = []): Generator<[string, Media]> {
  if (typeof part !== "object" || part === null) return;
  for (const [key, value] of Object.entries(part)) {
    if (path.at(-1) === "content" && typeof value === "object" && value !== null && "schema" in value)
      yield [[...path, key].join(" "), value as Media];
    else yield* media(value, [...path, key]);
  }
}

const get = async <Body>(path: string) => (await request<Body>(system().url, "GET", path)).body;

describe("the OpenAPI document", () => {
  it("has a valid example of every JSON body, response and problem", async () => {
    const document = await get<{ paths: object; components: object }>("/openapi.json");
    const compile = validator({ components: document.components });
    const wrong: unknown[] = [];
    let examples = 0;
    for (const [path, { schema, example, examples: named }] of media(document.paths)) {
      if (!path.includes("json")) continue;
      const validate = compile(schema);
      const values = named === undefined ? [example] : Object.values(named).map(({ value }) => value);
      for (const value of values) {
        examples++;
        if (value === undefined || !validate(value)) wrong.push([path, value, validate.errors]);
      }
    }
    expect(wrong).toEqual([]);
    expect(examples).toBeGreaterThan(100);
  });

  it("names the code of every problem that a route returns", async () => {
    const { paths } = await get<{ paths: object }>("/openapi.json");
    for (const [path, methods] of Object.entries(Operations.parse(paths))) {
      for (const [method, operation] of Object.entries(methods)) {
        const problems = [...media(operation)].filter(([place]) => place.includes("problem+json"));
        expect([method, path, problems.every(([, { examples }]) => examples !== undefined)]).toEqual([
          method,
          path,
          true,
        ]);
      }
    }
  });
});

describe("the JSON Schema of the socket", () => {
  it("matches what a client sends and what the server sends", async () => {
    const schema = await get<{ $defs: object }>("/socket.schema.json");
    const compile = validator({ $defs: schema.$defs });
    const clientFrame = compile({ $ref: "#/$defs/ClientFrame" });
    const serverFrame = compile({ $ref: "#/$defs/ServerFrame" });

    const { ada, ben, conversation } = await twoFriends(system().url);
    const socket = await ben.connect();
    const frame = {
      op: "send",
      conversation,
      clientId: crypto.randomUUID(),
      content: { type: "text", text: "good morning" },
    };
    expect(clientFrame(frame)).toBe(true);
    expect(clientFrame({ ...frame, clientId: "1" })).toBe(false);
    expect(clientFrame({ op: "nothing", conversation })).toBe(false);
    await ada.do("POST", "/messages", { conversation, clientId: frame.clientId, content: frame.content });
    await socket.written();
    for (const event of socket.events) expect([event, serverFrame([event])]).toEqual([event, true]);
    expect(serverFrame([{ ev: "nothing" }])).toBe(false);
    await socket.close();
  });
});

describe("the API reference", () => {
  it("is drawn without an error, with nothing from elsewhere", async () => {
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage();
      const wrong: string[] = [];
      page.on("request", (asked) => {
        if (!asked.url().startsWith(system().url) && asked.url().startsWith("http")) wrong.push(asked.url());
      });
      page.on("console", (line) => {
        if (line.type() === "error") wrong.push(line.text());
      });
      await page.goto(`${system().url}/api/v1/docs`);
      await page.getByRole("heading", { name: "Edge IM" }).first().waitFor();
      await page.getByText("Conversations", { exact: true }).first().waitFor();
      expect(wrong).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});
