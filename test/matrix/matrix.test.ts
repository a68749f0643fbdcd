import { describe, expect, it } from "vitest";
import type { ProblemDocument } from "../../schema/wire/problem.ts";
import { request } from "../harness/client.ts";
import { useSharedSystem } from "../harness/use-system.ts";
import { OPERATIONS, REQUESTS } from "./requests.ts";
import { OPERATION_ROWS, ROUTE_ROWS, type Row } from "./table.ts";
import { CALLERS, type Caller, makeWorld, type World } from "./world.ts";

const system = useSharedSystem();

type Description = {
  paths: Record<
    string,
    Record<string, { responses: Record<string, { content?: Record<string, Documented> }> }>
  >;
};
type Documented = { examples?: Record<string, unknown> };

/** What somebody got: the status, and the code of a problem. */
type Got = { status: number; code?: string };

describe("who may do what", () => {
  it("is stated for every route", async () => {
    const { body } = await request<Description>(system().url, "GET", "/openapi.json");
    const described = Object.entries(body.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace("/api/v1", "")}`),
    );
    // A socket is opened by an upgrade: test/messaging/opening.test.ts.
    const expected = described.filter((route) => !route.includes("/socket/{serverId}"));
    expect(ROUTE_ROWS.map(({ name }) => name).toSorted()).toEqual(expected.toSorted());
  });

  it("is stated for every operation and signal of the socket's schema", async () => {
    const { body } = await request<object>(system().url, "GET", "/socket.schema.json");
    const kinds = [...JSON.stringify(body).matchAll(/"op":\{"type":"string","const":"(\w+)"/g)].map(
      ([, op]) => op,
    );
    const world = await makeWorld(system().url);
    const stated = Object.values(OPERATIONS).map((frame) => (frame(world, "owner") as { op: string }).op);
    expect(new Set(stated)).toEqual(new Set(kinds));
    expect(OPERATION_ROWS.map(({ name }) => name)).toEqual(Object.keys(OPERATIONS));
  });

  it.concurrent.each(ROUTE_ROWS)("$name", async (row) => {
    const { body } = await request<Description>(system().url, "GET", "/openapi.json");
    const [method = "", path = ""] = row.name.split(" ");
    const responses = body.paths[`/api/v1${path}`]?.[method.toLowerCase()]?.responses ?? {};
    const got = await everybody(row, askRoute);
    expect(statuses(got)).toEqual(row.expected);
    for (const { status, code } of Object.values(got)) {
      const documented = responses[status];
      expect([row.name, status, documented !== undefined]).toEqual([row.name, status, true]);
      if (code === undefined) continue;
      const codes = Object.keys(documented?.content?.["application/problem+json"]?.examples ?? {});
      expect([row.name, codes]).toEqual([row.name, expect.arrayContaining([code])]);
    }
  });

  it.concurrent.each(OPERATION_ROWS)("$name", async (row) => {
    expect(statuses(await everybody(row, submit))).toEqual(row.expected);
  });
});

/** The answers to everybody, one after the other, in a world of their own. */
async function everybody(
  row: Row,
  ask: (world: World, caller: Caller, name: string) => Promise<Got>,
): Promise<Record<Caller, Got>> {
  const world = await makeWorld(system().url);
  const got: [Caller, Got][] = [];
  // In turn: an answer may depend on what the callers before have done.
  for (const caller of CALLERS) got.push([caller, await ask(world, caller, row.name)]);
  return Object.fromEntries(got) as Record<Caller, Got>;
}

function statuses(got: Record<Caller, Got>): Record<string, number> {
  return Object.fromEntries(Object.entries(got).map(([caller, { status }]) => [caller, status]));
}

async function askRoute(world: World, caller: Caller, route: string): Promise<Got> {
  const [method = "GET", template = ""] = route.split(" ");
  const ask = (await REQUESTS[route]?.(world, caller)) ?? {};
  const ids: Record<string, string> = {
    userId: world.people.owner.user.id,
    groupId: world.group.id,
    conversationId: world.conversation,
    messageId: world.messages.owner,
    ...ask.path,
  };
  const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? `no-${name}`);
  const response = await fetch(`${world.url}/api/v1${path}${ask.query ?? ""}`, {
    method,
    headers: {
      ...authorization(world, caller),
      ...(ask.body !== undefined && { "content-type": "application/json" }),
    },
    ...(ask.body !== undefined && { body: JSON.stringify(ask.body) }),
    ...(ask.bytes !== undefined && { body: new Uint8Array(ask.bytes) }),
  });
  const text = await response.text();
  return response.status < 400
    ? { status: response.status }
    : { status: response.status, code: (JSON.parse(text) as ProblemDocument).code };
}

/** Submits a frame: an operation over HTTP, a signal over a socket. */
async function submit(world: World, caller: Caller, name: string): Promise<Got> {
  const frame = OPERATIONS[name]?.(world, caller) as { op: string };
  if (caller === "nobody") {
    const { status } = await request(world.url, "POST", "/operations", { body: { operations: [frame] } });
    return { status };
  }
  if (!("clientId" in frame)) return signal(world, caller, frame);
  const { results } = await world.people[caller].do<{ results: { problem?: ProblemDocument }[] }>(
    "POST",
    "/operations",
    { operations: [frame] },
  );
  const problem = results[0]?.problem;
  return problem === undefined ? { status: 202 } : { status: problem.status, code: problem.code };
}

/** A signal that is refused gets an error; of one that is not, nothing comes before the answer to the next frame. */
async function signal(world: World, caller: Exclude<Caller, "nobody">, frame: object): Promise<Got> {
  const socket = await world.people[caller].connect();
  socket.sendFrame(frame);
  // A frame of another kind that is always refused: what comes before its answer is the answer to the signal.
  socket.sendFrame({
    op: "send",
    conversation: "group:1",
    clientId: crypto.randomUUID(),
    content: { type: "text", text: "x" },
  });
  await socket.next("rejected");
  const [error] = socket.all("error");
  await socket.close();
  return error === undefined ? { status: 202 } : { status: error.problem.status, code: error.problem.code };
}

function authorization(world: World, caller: Caller): Record<string, string> {
  return caller === "nobody" ? {} : { authorization: `Bearer ${world.people[caller].session.accessToken}` };
}
