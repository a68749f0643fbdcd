import { join } from "node:path";
import { KEY_HEADER } from "../../workers/serve/bucket-port.ts";
import type { WorkerBundles } from "../system/worker-bundles.ts";
import type { ServeWorker } from "./bundles.ts";
import type { Role, Roles } from "./roles.ts";
import type { Link } from "./services.ts";
import type { ServeSettings } from "./settings.ts";

/** What the configurations of all processes of a machine are made of. */
export type Installation = {
  settings: ServeSettings;
  roles: Roles;
  dataDir: string;
  bundles: WorkerBundles<ServeWorker>;
  /** The values of the Workers' variables and secrets. */
  values: Readonly<Record<string, string>>;
  gateway: URL;
  /** The key that all processes of the system share. */
  key: string;
};

/** The folder of the Durable Objects of a role. A cluster has one of its own: workerd takes no objects from before into it. */
export function objectsFolder({ dataDir, settings }: Installation, role: Role): string {
  const clustered = role !== "core" && settings.CLUSTER_BUCKET !== undefined;
  return join(dataDir, "serve", "objects", clustered ? `${role}-cluster` : role);
}

/** The folder of what people upload. */
export function mediaFolder({ dataDir }: Installation): string {
  return join(dataDir, "serve", "media");
}

export function linkOf({ key }: Installation): Link {
  return { key, header: { name: KEY_HEADER, value: key } };
}
