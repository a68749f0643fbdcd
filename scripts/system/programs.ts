import { join } from "node:path";
import type { Program } from "./child.ts";
import type { ConsoleLog } from "./console-log.ts";
import { LAYERS, type Layer, ROOT } from "./project.ts";
import type { Secrets } from "./secrets.ts";
import type { Settings } from "./settings.ts";

/** The gateway in front of the log, Redis and Postgres. */
export function gatewayProgram(dataDir: string, port: number, secrets: Secrets, log: ConsoleLog): Program {
  const { JWT_SECRET: _current, JWT_SECRET_PREVIOUS: _previous, ...own } = secrets;
  return {
    name: "gateway",
    args: [join(ROOT, "gateway/main.ts")],
    env: { ...own, GATEWAY_PORT: String(port), HOST: "127.0.0.1", DATA_DIR: dataDir },
    onLine: (line, from) => log.line("gateway", line, from === "stderr" ? "error" : "info"),
  };
}

/** All four Workers in one workerd. */
export function workersProgram(
  settings: Settings,
  dataDir: string,
  configs: Readonly<Record<Layer, string>>,
  log: ConsoleLog,
): Program {
  return {
    name: "workers",
    args: [
      join(ROOT, "scripts/workers.ts"),
      ...LAYERS.flatMap((layer) => [`--${layer}`, configs[layer]]),
      ...["--host", settings.HOST, "--port", String(settings.PORT), "--data", join(dataDir, "workers")],
      ...(settings.WATCH === "on" ? ["--watch"] : []),
    ],
    env: {
      WRANGLER_SEND_METRICS: "false",
      WRANGLER_WRITE_LOGS: "false",
      WRANGLER_LOG: "warn",
      NO_COLOR: "1",
    },
    onLine: (line, from) => log.line("workers", line, from === "stderr" ? "error" : "info"),
  };
}
