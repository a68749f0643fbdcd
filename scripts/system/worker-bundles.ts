import { type BuildOptions, type BuildResult, build, context } from "esbuild";

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

/** Bundles the Workers now and after each change of their sources, and calls `changed` with the bundles that could be built. */
export async function watchWorkers<Name extends string>(
  sources: Sources<Name>,
  changed: (bundles: WorkerBundles<Name>) => void,
): Promise<() => Promise<void>> {
  const watching = await context({
    ...optionsFor(sources),
    plugins: [
      {
        name: "changed",
        setup(build) {
          build.onEnd((result) => {
            if (result.errors.length === 0) changed(bundlesOf(result));
          });
        },
      },
    ],
  });
  await watching.watch();
  return () => watching.dispose();
}

/** As a deployment does it. Names stay, because the runtime and stack traces show them. */
const MINIFIED: BuildOptions = { minify: true, sourcemap: false };

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
    keepNames: true,
    logLevel: "warning",
  };
}

function bundlesOf<Name extends string>({ outputFiles = [] }: BuildResult): WorkerBundles<Name> {
  const texts = outputFiles.map(({ path, text }) => [path.replace(/^.*[\\/]|\.js$/g, ""), text]);
  return Object.fromEntries(texts) as WorkerBundles<Name>;
}
