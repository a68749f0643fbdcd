import { join } from "node:path";
import type { Program } from "./child.ts";
import type { ConsoleLog } from "./console-log.ts";
import { LAYERS, type Layer, programs, ROOT } from "./project.ts";
import type { Secrets } from "./secrets.ts";
import type { Settings } from "./settings.ts";
import { readWranglerLine } from "./wrangler-output.ts";

/** The gateway in front of the log, Redis and Postgres. */
export function gatewayProgram(dataDir: string, port: number, secrets: Secrets, log: ConsoleLog): Program {
  const { JWT_SECRET: _workersOnly, ...own } = secrets;
  return {
    name: "gateway",
    args: [join(ROOT, "gateway/main.ts")],
    env: { ...own, GATEWAY_PORT: String(port), HOST: "127.0.0.1", DATA_DIR: dataDir },
    onLine: (line, from) => log.line("gateway", line, from === "stderr" ? "error" : "info"),
  };
}

/** All four Workers in one `wrangler dev`; the Worker of the first configuration gets the port. */
export function workersProgram(
  settings: Settings,
  dataDir: string,
  configs: Readonly<Record<Layer, string>>,
  log: ConsoleLog,
): Program {
  const folder = join(dataDir, "wrangler");
  return {
    name: "workers",
    args: [
      programs.wrangler,
      "dev",
      ...LAYERS.toReversed().flatMap((layer) => ["--config", configs[layer]]),
      ...["--ip", settings.HOST, "--port", String(settings.PORT), "--inspector-port", "0"],
      ...["--persist-to", folder, "--show-interactive-dev-session=false"],
      // wrangler's level "log" shows all lines of the Workers; a higher level hides their lines of lower levels.
      ...[
        "--log-level",
        settings.LOG_LEVEL === "debug" || settings.LOG_LEVEL === "info" ? "log" : settings.LOG_LEVEL,
      ],
    ],
    env: {
      // Local observability stores every span in the thread that serves requests: it leaves a sixth of the speed.
      X_LOCAL_OBSERVABILITY: "false",
      X_LOCAL_EXPLORER: "false",
      // No requests to the outside: no fetch of `cf` data, no telemetry, no error reports.
      CLOUDFLARE_CF_FETCH_ENABLED: "false",
      WRANGLER_SEND_METRICS: "false",
      WRANGLER_SEND_ERROR_REPORTS: "false",
      WRANGLER_HIDE_BANNER: "true",
      WRANGLER_NO_SKILLS_UPDATE_PROMPTS: "true",
      // Two systems on one machine must not find each other's Workers.
      WRANGLER_REGISTRY_PATH: join(folder, "registry"),
      WRANGLER_WRITE_LOGS: "false",
      NO_COLOR: "1",
    },
    // wrangler restarts a crashed workerd by itself, but after that the port serves no requests.
    fatalLine: /The Workers runtime crashed unexpectedly/,
    onLine: (raw) => {
      const line = readWranglerLine(raw);
      if (line !== null) log.line(line.source, line.text, line.level);
    },
  };
}
