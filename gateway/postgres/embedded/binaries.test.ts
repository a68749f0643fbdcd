import { mkdir, readlink, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { newDataDir } from "../../testing/test-gateway.ts";
import { restoreSymlinks } from "./binaries.ts";

let root: string;
beforeEach(async () => {
  root = await newDataDir();
  await mkdir(join(root, "native/lib"), { recursive: true });
  const links = ["libpq.so", "libpq.so.5"].map((name) => ({
    source: "native/lib/libpq.so.5.18",
    target: `native/lib/${name}`,
  }));
  await writeFile(join(root, "native/pg-symlinks.json"), JSON.stringify(links));
});
afterEach(() => rm(root, { recursive: true }));

const targets = () =>
  Promise.all(["libpq.so", "libpq.so.5"].map((name) => readlink(join(root, "native/lib", name))));

it("restores the links that npm leaves out, also when several starts do so at once", async () => {
  await Promise.all(Array.from({ length: 20 }, () => restoreSymlinks(root)));
  expect(await targets()).toEqual(["libpq.so.5.18", "libpq.so.5.18"]);
});

it("restores those that are missing and leaves the others", async () => {
  await restoreSymlinks(root);
  await rm(join(root, "native/lib/libpq.so"));
  await restoreSymlinks(root);
  expect(await targets()).toEqual(["libpq.so.5.18", "libpq.so.5.18"]);
});
