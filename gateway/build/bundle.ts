import { chmod, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { build } from "esbuild";

/** The folder of the package. */
export const PACKAGE = dirname(import.meta.dirname);

/** Bundles the program into `dist/main.js`, without its dependencies; returns the names of the packages it imports. */
export async function bundle(): Promise<readonly string[]> {
  const outfile = join(PACKAGE, "dist/main.js");
  await rm(dirname(outfile), { recursive: true, force: true });
  const { metafile } = await build({
    entryPoints: [join(PACKAGE, "main.ts")],
    ...{ outfile, bundle: true, packages: "external", metafile: true, legalComments: "none" },
    ...{ platform: "node", format: "esm", target: "node22" },
    banner: { js: "#!/usr/bin/env node" },
  });
  await chmod(outfile, 0o755);
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  return [...new Set(imports.flatMap(({ path }) => packageName(path)))].toSorted();
}

function packageName(path: string): readonly string[] {
  if (path.startsWith("node:")) return [];
  const name = /^(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
  return name === undefined ? [] : [name];
}
