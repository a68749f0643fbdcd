/** A separate process that runs the bare Workers on workerd and sends their addresses to its parent. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Miniflare, type MiniflareOptions } from "miniflare";
import { serveParent } from "../helper.ts";

/** The socket URLs of the bare Workers. */
export type BareWorkers = { echo: string; broadcast: string };

const COMPATIBILITY_DATE = "2026-08-01";

const miniflare = new Miniflare({ workers: [await worker("echo"), await worker("broadcast")] });
serveParent(
  () => {},
  () => miniflare.dispose(),
);
await miniflare.ready;
const addresses: BareWorkers = { echo: await address("echo"), broadcast: await address("broadcast") };
process.send?.(addresses);

async function worker(name: keyof BareWorkers): Promise<MiniflareOptions["workers"][number]> {
  const file = `${name}-worker.js`;
  const contents = await readFile(join(import.meta.dirname, file), "utf8");
  return {
    config: {
      name,
      compatibilityDate: COMPATIBILITY_DATE,
      manifest: { mainModule: file, modules: { [file]: { type: "esm", contents } } },
      ...(name === "broadcast" && {
        env: { ROOMS: { type: "durable-object" as const, worker: name, exportName: "Room" } },
        exports: { Room: { type: "durable-object" as const, storage: "sqlite" as const } },
      }),
    },
    dev: { unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }] },
  };
}

async function address(name: keyof BareWorkers): Promise<string> {
  const url = await miniflare.unsafeGetDirectURL(name);
  return String(url).replace("http", "ws");
}
