import { type ChildProcess, execFile, spawn } from "node:child_process";
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newDataDir } from "../../testing/test-gateway.ts";
import { PoolEngine } from "../pool-engine.ts";
import { EmbeddedPostgresError } from "./error.ts";
import { type EmbeddedServer, startEmbeddedServer } from "./server.ts";

describe("the embedded Postgres", () => {
  let dataDir: string;
  let folder: string;
  const others: ChildProcess[] = [];
  const running: { server: EmbeddedServer; engine: PoolEngine }[] = [];

  beforeEach(async () => {
    dataDir = await newDataDir();
    folder = join(dataDir, "postgres");
  });
  afterEach(async () => {
    for (const other of others.splice(0)) other.kill();
    await stop();
    await rm(dataDir, { recursive: true });
  });

  const start = async () => {
    const server = await startEmbeddedServer(folder);
    const engine = new PoolEngine(server.connectionString);
    running.push({ server, engine });
    return engine;
  };
  const stop = async () => {
    for (const { server, engine } of running.splice(0)) {
      await engine.close();
      await server.stop();
    }
  };
  const value = async (engine: PoolEngine, sql: string) =>
    (await engine.query({ sql, params: [] })).rows[0]?.[0];
  const socketFolder = (engine: PoolEngine) =>
    value(engine, "SELECT trim(both '\"' FROM current_setting('unix_socket_directories'))");
  const postmasterFile = () => readFile(join(folder, "postmaster.pid"), "utf8");

  it("keeps its data between starts, and leaves no process and no socket", async () => {
    const first = await start();
    await first.query({ sql: "CREATE TABLE kept AS SELECT 7 AS n", params: [] });
    const pid = Number((await postmasterFile()).split("\n")[0]);
    const sockets = await socketFolder(first);
    await stop();
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
    await expect(stat(sockets ?? "")).rejects.toThrow("ENOENT");
    expect(await value(await start(), "SELECT n FROM kept")).toBe("7");
  });

  it("is reachable only by this account, through a private folder, with a password", async () => {
    const engine = await start();
    expect(await value(engine, "SHOW listen_addresses")).toBe("");
    expect((await stat((await socketFolder(engine)) ?? "")).mode & 0o777).toBe(0o700);
    expect((await stat(`${folder}-password`)).mode & 0o777).toBe(0o600);
    const [{ server } = { server: undefined }] = running;
    const other = new URL(server?.connectionString ?? "");
    other.password = "another";
    const stranger = new PoolEngine(other.href);
    await expect(stranger.ping()).rejects.toThrow("password authentication failed");
    await stranger.close();
  });

  it("flushes commits to disk, and has the needed extensions", async () => {
    const engine = await start();
    for (const name of ["fsync", "synchronous_commit", "full_page_writes"]) {
      expect(await value(engine, `SHOW ${name}`)).toBe("on");
    }
    for (const name of ["pg_trgm", "unaccent", "btree_gin"]) {
      await engine.query({ sql: `CREATE EXTENSION ${name}`, params: [] });
    }
    expect(await value(engine, "SELECT show_trgm(unaccent('é'))")).toBe('{"  e"," e "}');
  });

  it("starts over when a start has died while it created the database", async () => {
    await mkdir(`${folder}.new/base`, { recursive: true });
    await writeFile(`${folder}.new/PG_VERSION`, "18\n");
    await writeFile(`${folder}-password`, "of the one that died");
    expect(await value(await start(), "SELECT 1")).toBe("1");
    expect(await readdir(dataDir)).toEqual(["postgres", "postgres-password"]);
  });

  it("starts although another program has reused the process id of a killed server", async () => {
    await start();
    const file = await postmasterFile();
    await stop();
    // Of the same account: Postgres ignores processes of other accounts.
    const { uid, gid } = await stat(folder);
    const other = spawn("sleep", ["600"], process.getuid?.() === 0 ? { uid, gid } : {});
    others.push(other);
    await writeFile(join(folder, "postmaster.pid"), file.replace(/^\d+/, String(other.pid)));
    expect(await value(await start(), "SELECT 1")).toBe("1");
    expect(other.exitCode ?? other.signalCode).toBeNull();
  });

  it.each([
    ["that PGlite has made", { PG_VERSION: "18\n", "pg_hba.conf": "" }],
    ["of another version", { PG_VERSION: "17\n" }],
    ["that is not a database", { "notes.txt": "mine" }],
  ])("reports a database %s in one sentence, and does not change it", async (_, files) => {
    await mkdir(folder);
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    const failure = await startEmbeddedServer(folder).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(EmbeddedPostgresError);
    expect(String(failure)).toContain(`${folder} is of an older kind`);
    expect((await readdir(folder)).toSorted()).toEqual(Object.keys(files).toSorted());
  });

  it("reports the output of Postgres when it cannot start", async () => {
    await start();
    await stop();
    await rm(join(folder, "global"), { recursive: true });
    await expect(startEmbeddedServer(folder)).rejects.toThrow("could not find the database system");
  });

  describe.runIf(process.getuid?.() === 0)("for root", () => {
    it("opens a copy of a database that root has made", async () => {
      await (await start()).query({ sql: "CREATE TABLE kept AS SELECT 7 AS n", params: [] });
      await stop();
      await promisify(execFile)("chown", ["-R", "root:root", folder, `${folder}-password`]);
      expect(await value(await start(), "SELECT n FROM kept")).toBe("7");
    });

    it.each([
      ["open", 0o755],
      ["closed", 0o700],
    ])("runs as another user in a folder that is %s to it", async (_, mode) => {
      await chmod(dataDir, mode);
      const engine = await start();
      const pid = (await postmasterFile()).split("\n")[0];
      const status = await readFile(`/proc/${pid}/status`, "utf8");
      const owner = await stat(folder);
      expect(owner.uid).not.toBe(0);
      expect(status).toMatch(new RegExp(`^Uid:\\t${owner.uid}\\t${owner.uid}\\t`, "m"));
      // It keeps at most the one capability that lets it enter folders.
      expect(status).toMatch(/^CapEff:\t0+[024]$/m);
      expect(await value(engine, "SELECT 1")).toBe("1");
    });
  });
});
