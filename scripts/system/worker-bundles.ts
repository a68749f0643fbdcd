import { type BuildOptions, type BuildResult, build, context } from "esbuild";
import type { Layer } from "./project.ts";

/** A Worker to bundle: its entry file, and the constants that are replaced in it. */
export type WorkerSource = { main: string; define: Record<string, string> };

/** The bundle of each layer's Worker: one ES module. */
export type WorkerBundles = Record<Layer, string>;

type Sources = Record<Layer, WorkerSource>;

/** Bundles the Workers together: what they share is parsed once. */
export async function bundleWorkers(sources: Sources): Promise<WorkerBundles> {
  return bundlesOf(await build(optionsFor(sources)));
}

/** Bundles the Workers now and after each change of their sources, and calls `changed` with the bundles that could be built. */
export async function watchWorkers(
  sources: Sources,
  changed: (bundles: WorkerBundles) => void,
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

function optionsFor(sources: Sources): BuildOptions {
  return {
    entryPoints: Object.entries(sources).map(([layer, { main }]) => ({ in: main, out: layer })),
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

function bundlesOf({ outputFiles = [] }: BuildResult): WorkerBundles {
  const texts = outputFiles.map(({ path, text }) => [path.replace(/^.*[\\/]|\.js$/g, ""), text]);
  return Object.fromEntries(texts) as WorkerBundles;
}
