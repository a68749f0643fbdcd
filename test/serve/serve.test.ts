import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, describe, expect, it } from "vitest";
import { groupRuns } from "../../scripts/system/processes.ts";
import { ROOT } from "../../scripts/system/project.ts";
import type { Client } from "../harness/client.ts";
import { expectInOrder, expectSound } from "../harness/history.ts";
import { heard, numbered, twoFriends } from "../harness/people.ts";
import type { Socket } from "../harness/socket.ts";
import { useSystem } from "../harness/use-system.ts";

/** How long all processes may take to end (milliseconds). */
const END_MS = 10_000;

const system = useSystem({
  program: "serve",
  env: { PASSWORD_COST: "1024", CONNECT_SERVERS: "north,south", BUCKETS_PER_SERVER: "2", GRACE_SECONDS: "1" },
});

const opened: Socket[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((socket) => socket.close()));
});
async function on(serverId: "north" | "south", client: Client): Promise<Socket> {
  const socket = await client.connectTo(serverId);
  opened.push(socket);
  return socket;
}

describe("serve with two connect servers", { timeout: 120_000 }, () => {
  it("runs a process for each, one for API, logic and task, and the gateway", () => {
    expect(Object.keys(system().pids()).toSorted()).toEqual([
      ...["connect-north", "connect-south", "core", "gateway", "start"],
    ]);
  });

  it("delivers between people on different servers, and in groups on both, in order", async () => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    const group = await ada.createGroup("North and south");
    await ben.joinGroup(group);
    const [adas, bens] = await Promise.all([on("north", ada), on("south", ben)]);
    for (const place of [conversation, group.conversation]) {
      const said = new Map([
        [ada.user.id, numbered("ada", 30)],
        [ben.user.id, numbered("ben", 30)],
      ]);
      for (const text of said.get(ada.user.id) ?? []) adas.send(place, text);
      for (const text of said.get(ben.user.id) ?? []) bens.send(place, text);
      await Promise.all([adas, bens].map((socket) => socket.messages(place, 60)));
      expectSound(await ada.wholeHistory(place));
      const history = await ada.history(place);
      expectInOrder(history, said);
      for (const socket of [adas, bens]) expect(heard(socket, place)).toEqual(history);
    }
  });

  it("goes on when the process of a connect server dies: only its sockets close, and it runs again", async () => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    const [adas, bens] = await Promise.all([on("north", ada), on("south", ben)]);
    await system().killConnectServer("north");
    expect(await adas.closed).toMatchObject({ code: 1006 });
    await bens.sendAccepted(conversation, "are you there?");
    const again = await on("north", ada);
    await bens.sendAccepted(conversation, "and now?");
    await again.messages(conversation, 1);
    await again.sendAccepted(conversation, "yes");
    await bens.messages(conversation, 3);
  });

  it("goes on when the process of API, logic and task dies", async () => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    const [before] = await Promise.all([on("south", ben), on("north", ada)]);
    await ada.post(conversation, "hello");
    await before.messages(conversation, 1);
    const pid = system().pids().core ?? 0;
    process.kill(-pid, "SIGKILL");
    await expect.poll(() => system().pids().core ?? pid, { timeout: 30_000 }).not.toBe(pid);
    await expect
      .poll(
        () =>
          fetch(`${system().url}/api/v1/health`).then(
            ({ ok }) => ok,
            () => false,
          ),
        { timeout: 30_000 },
      )
      .toBe(true);
    const [adas, bens] = await Promise.all([on("north", ada), on("south", ben)]);
    await adas.sendAccepted(conversation, "hello again");
    // A drain that has died with the process leaves its locks behind for 30 s.
    await bens.messages(conversation, 1, 60_000);
  });

  it("shows no secret in the arguments of its processes, and keeps them in files of its user", async () => {
    const secrets = Object.values(await system().secrets());
    const { stdout } = await execa("ps", ["-axww", "-o", "args="]);
    expect(stdout).toContain(join(system().dataDir, "run/core.capnp"));
    for (const secret of secrets) expect(stdout).not.toContain(secret);
    expect((await stat(join(system().dataDir, "run"))).mode & 0o777).toBe(0o700);
    expect((await stat(join(system().dataDir, "run/core.capnp"))).mode & 0o777).toBe(0o600);
  });

  it("runs cron", async () => {
    await system().cron();
  });

  it("sends sockets away with a code that tells clients to come back, and leaves no process", async () => {
    const { ada, ben } = await twoFriends(system().url);
    const sockets = await Promise.all([ada.connectTo("north"), ben.connectTo("south")]);
    const groups = Object.entries(system().pids()).flatMap(([name, pid]) => (name === "start" ? [] : [pid]));
    const begun = performance.now();
    await system().stop();
    expect(performance.now() - begun).toBeLessThan(END_MS);
    for (const socket of sockets) {
      expect(await socket.closed).toEqual({ code: 1012, reason: "restarting" });
    }
    for (const group of groups) expect(groupRuns(group)).toBe(false);
    await system().start();
  });

  it("serves the web client with its headers", async () => {
    const index = await readFile(join(ROOT, "dist/web/index.html"), "utf8");
    const page = await fetch(`${system().url}/groups/7?x=1`);
    expect(await page.text()).toBe(index);
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
    const script = /src="(\/assets\/[^"]+\.js)"/.exec(index)?.[1] ?? "";
    const first = await fetch(system().url + script);
    expect(first.headers.get("content-type")).toContain("javascript");
    expect((await first.text()).length).toBeGreaterThan(10_000);
    const etag = first.headers.get("etag") ?? "";
    const second = await fetch(system().url + script, { headers: { "If-None-Match": etag } });
    expect(second.status).toBe(304);
    expect((await fetch(system().url, { method: "POST" })).status).toBe(405);
  });
});
