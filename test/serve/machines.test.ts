import { copyFile, mkdtemp } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../scripts/system/ports.ts";
import { twoFriends } from "../harness/people.ts";
import { type System, startSystem } from "../harness/system.ts";

// Two machines, as far as one can be two: each has its own folder, and they reach each other by TCP alone.
describe("serve on two machines", { timeout: 120_000 }, () => {
  let first: System;
  let second: System;
  /** Where the second machine takes calls, and sockets. */
  let south = "";
  let direct = "";

  beforeAll(async () => {
    south = `127.0.0.1:${await freePort()}`;
    direct = `127.0.0.1:${await freePort()}`;
    const shared = {
      ...{ PASSWORD_COST: "1024", CONNECT_SERVERS: "north,south", GRACE_SECONDS: "1" },
      ...{ SERVE_ADDRESSES: `core=127.0.0.1:${await freePort()},south=${south}` },
    };
    first = await startSystem({ program: "serve", env: { ...shared, SERVE_CONNECT: "north" } });
    const dataDir = await mkdtemp(join(tmpdir(), "edge-im-"));
    await copyFile(join(first.dataDir, "secrets.json"), join(dataDir, "secrets.json"));
    second = await startSystem({
      ...{ program: "serve", dataDir },
      env: {
        ...{ ...shared, SERVE_CORE: "off", SERVE_CONNECT: "south", GATEWAY_URL: first.gateway },
        SOCKET_ADDRESSES: `south=${direct}`,
      },
    });
  });
  afterAll(async () => {
    await second?.remove();
    await first?.remove();
  });

  it("runs one connect server on each, and API, logic, task and the gateway on the first", () => {
    expect(Object.keys(first.pids()).toSorted()).toEqual(["connect-north", "core", "gateway", "start"]);
    expect(Object.keys(second.pids()).toSorted()).toEqual(["connect-south", "start"]);
  });

  it("delivers between them, whether a socket comes through the API or directly", async () => {
    const { ada, ben, conversation } = await twoFriends(first.url);
    const sockets = await Promise.all([ada.connectTo("north"), ben.connectTo("south")]);
    const directly = await ben.connectTo("south", direct);
    for (const [turn, socket] of [...sockets, directly].entries()) {
      await socket.sendAccepted(conversation, `from ${turn}`);
    }
    await Promise.all([...sockets, directly].map((socket) => socket.messages(conversation, 3)));
    await Promise.all([...sockets, directly].map((socket) => socket.close()));
  });

  it("refuses who does not know the key", async () => {
    const response = await fetch(`http://${south}/`, { headers: { "edge-im-bucket": "south:0" } });
    expect(response.status).toBe(403);
    const { INTERNAL_KEY } = await first.secrets();
    expect(await connectTo(south, `${"x".repeat(INTERNAL_KEY.length)}:1`)).not.toBe(200);
    expect(await connectTo(south, `${INTERNAL_KEY}:1`)).toBe(200);
  });

  it("sends only its own sockets away when one machine ends, and takes them again when it is back", async () => {
    const { ada, ben, conversation } = await twoFriends(first.url);
    const [adas, bens] = await Promise.all([ada.connectTo("north"), ben.connectTo("south")]);
    await second.stop();
    expect(await bens.closed).toMatchObject({ code: 1012 });
    await adas.ping();
    await second.start();
    const again = await ben.connectTo("south");
    await adas.sendAccepted(conversation, "welcome back");
    await again.messages(conversation, 1, 60_000);
    await Promise.all([adas, again].map((socket) => socket.close()));
  });
});

/** The status of the response to a request for a connection, as calls between processes begin with it. */
function connectTo(address: string, target: string): Promise<number | undefined> {
  const [host, port] = address.split(":");
  return new Promise((resolve, reject) => {
    const sent = request({ host, port, method: "CONNECT", path: target, agent: false });
    sent.once("connect", ({ statusCode }, socket) => {
      socket.destroy();
      resolve(statusCode);
    });
    sent.once("response", ({ statusCode }) => resolve(statusCode));
    sent.once("error", reject);
    sent.end();
  });
}
