import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** The version of Kafka that tests run. */
export const KAFKA_VERSION = "4.1.0";

/** The folder into which `npm run real:kafka` puts Kafka's jars: below the user's cache, so that worktrees share it. */
export function jarCache(): string {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
  return join(cache, "edge-im", `kafka-${KAFKA_VERSION}`);
}

/** The Java class path of an installed Kafka (`KAFKA_HOME`) or of the cached one; undefined when there is neither. */
export function kafkaClassPath(): string | undefined {
  const home = process.env.KAFKA_HOME;
  const folder = home === undefined || home === "" ? jarCache() : join(home, "libs");
  return existsSync(folder) ? join(folder, "*") : undefined;
}
