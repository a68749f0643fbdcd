import { type BuildOptions, type BuildResult, build } from "esbuild";

/** A Worker to bundle: its entry file, and the constants that are replaced in it. */
export type WorkerSource = { main: string; define: Record<string, string> };

/** The bundle of each Worker: one ES module. */
export type WorkerBundles<Name extends string> = Record<Name, string>;

type Sources<Name extends string> = Record<Name, WorkerSource>;

/** Bundles the Workers together: what they share is parsed once. Not minified, so that stack traces are readable. */
export async function bundleWorkers<Name extends string>(
  sources: Sources<Name>,
  options: { minify?: boolean } = {},
): Promise<WorkerBundles<Name>> {
  return bundlesOf(await build({ ...optionsFor(sources), ...(options.minify === true && MINIFIED) }));
}

/** Names stay, because stack traces show them: `keepNames` would call a function for each function that is made. */
const MINIFIED: BuildOptions = { minifySyntax: true, minifyWhitespace: true, sourcemap: false };

function optionsFor(sources: Sources<string>): BuildOptions {
  return {
    entryPoints: Object.entries(sources).map(([name, { main }]) => ({ in: main, out: name })),
    define: Object.assign({}, ...Object.values(sources).map(({ define }) => define)),
    bundle: true,
    write: false,
    outdir: "/",
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    mainFields: ["browser", "module", "main"],
    external: ["node:*", "cloudflare:*"],
    // Readable stack traces.
    sourcemap: "inline",
    logLevel: "warning",
  };
}

function bundlesOf<Name extends string>({ outputFiles = [] }: BuildResult): WorkerBundles<Name> {
  const texts = outputFiles.map(({ path, text }) => [path.replace(/^.*[\\/]|\.js$/g, ""), text]);
  return Object.fromEntries(texts) as WorkerBundles<Name>;
}
