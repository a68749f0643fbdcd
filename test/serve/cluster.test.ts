import { copyFile, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../scripts/system/ports.ts";
import { isHealthy, until } from "../../scripts/system/until.ts";
import type { Client } from "../harness/client.ts";
import { heard, numbered, textOf, twoFriends } from "../harness/people.ts";
import { installPythonProgram } from "../harness/python-program.ts";
import type { Socket } from "../harness/socket.ts";
import { type System, startSystem } from "../harness/system.ts";

const NO_PYTHON =
  "Clusters are not tested: their S3 server needs Python 3 with venv and pip (python3-venv on Debian)";
const REQUIREMENTS = join(import.meta.dirname, "requirements.txt");
/** How long the buckets of a machine that ends may take to be on others. */
const HANDOVER_MS = 5_000;
/** The same of a machine that was killed: its lease has to lapse first. */
const MOVE_MS = 60_000;

const program = await installPythonProgram("moto", "moto_server", REQUIREMENTS);
// CI installs Python first: there, the tests must not be skipped.
if (program === null && process.env.CI !== undefined) throw new Error(NO_PYTHON);

describe.skipIf(program === null)("two machines with the same connect server", { timeout: 180_000 }, () => {
  const servers: { kill(): void }[] = [];
  let first: System;
  let second: System;

  beforeAll(async () => {
    const s3 = `http://127.0.0.1:${await startS3(servers)}`;
    const shared = {
      ...{ PASSWORD_COST: "1024", BUCKETS_PER_SERVER: "64", GRACE_SECONDS: "1" },
      ...{ S3_ENDPOINT: s3, S3_BUCKET: "edge-im", S3_ACCESS_KEY_ID: "key", S3_SECRET_ACCESS_KEY: "secret" },
      CLUSTER_BUCKET: "s3://edge-im/cluster",
    };
    const addresses = async () => ({ CLUSTER_ADDRESSES: `local=127.0.0.1:${await freePort()}` });
    first = await startSystem({ program: "serve", env: { ...shared, ...(await addresses()) } });
    const dataDir = await mkdtemp(join(tmpdir(), "edge-im-"));
    await copyFile(join(first.dataDir, "secrets.json"), join(dataDir, "secrets.json"));
    const env = { ...shared, ...(await addresses()), GATEWAY_URL: first.gateway };
    second = await startSystem({ program: "serve", dataDir, env });
  });
  afterAll(async () => {
    await second?.remove();
    await first?.remove();
    for (const server of servers) server.kill();
  });

  const on = (system: System, client: Client) => client.connectTo("local", new URL(system.url).host);

  it("share its buckets: a bucket is on one of them, and takes sockets that come in at both", async () => {
    const { ada, ben, conversation } = await twoFriends(first.url);
    const sockets = await Promise.all([on(first, ada), on(second, ada), on(first, ben), on(second, ben)]);
    const [adas = never(), , , bens = never()] = sockets;
    const texts = numbered("ada", 20);
    for (const text of texts) adas.send(conversation, text);
    await bens.sendAccepted(conversation, "ben");
    await Promise.all(sockets.map((socket) => socket.messages(conversation, 21)));
    for (const socket of sockets) {
      expect(
        heard(socket, conversation)
          .map(textOf)
          .filter((text) => text !== "ben"),
      ).toEqual(texts);
    }
    await Promise.all(sockets.map((socket) => socket.close()));
  });

  it.each([
    ["has ended", HANDOVER_MS, () => second.stop()],
    ["was killed", MOVE_MS, () => second.kill()],
  ])("go on with all buckets when one of them %s", async (_, moveMs, end) => {
    const people = await Promise.all([twoFriends(first.url), twoFriends(first.url), twoFriends(first.url)]);
    const clients = people.flatMap(({ ada, ben }) => [ada, ben]);
    // A bucket is where it is used first.
    await Promise.all(clients.map((client) => on(second, client)));
    const passedOn = await Promise.all(clients.map((client) => on(first, client)));
    await end();
    const late = AbortSignal.timeout(moveMs);
    await Promise.race(passedOn.map(({ closed }) => closed));
    for (const { ada, ben, conversation } of people) {
      const [adas, bens] = await Promise.all(
        [ada, ben].map((client) => again(() => on(first, client), late)),
      );
      await adas?.sendAccepted(conversation, "still here");
      await bens?.messages(conversation, 1, MOVE_MS);
      await Promise.all([adas?.close(), bens?.close()]);
    }
    await second.start();
  });
});

/** Opens a socket as soon as its bucket is there again. */
async function again(open: () => Promise<Socket>, late: AbortSignal): Promise<Socket> {
  let socket: Socket | undefined;
  await until(
    async () => {
      socket = await open().catch(() => undefined);
      return socket !== undefined;
    },
    late,
    250,
  );
  return socket ?? never();
}

function never(): never {
  throw new Error("there is no socket");
}

/** Starts an S3 server with a bucket; returns its port. */
async function startS3(servers: { kill(): void }[]): Promise<number> {
  const port = await freePort();
  const server = execa(program ?? "", ["-H", "127.0.0.1", "-p", String(port)], {
    stdio: "ignore",
    reject: false,
  });
  servers.push(server);
  const late = AbortSignal.timeout(60_000);
  await until(() => isHealthy(`http://127.0.0.1:${port}/moto-api/`), late);
  await fetch(`http://127.0.0.1:${port}/edge-im`, { method: "PUT" });
  return port;
}
