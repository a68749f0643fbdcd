import { join } from "node:path";
import { storeVariables } from "../../gateway/config.ts";
import type { Program } from "./child.ts";
import { Complaint, FAILED } from "./complaint.ts";
import type { ConsoleLog } from "./console-log.ts";
import { ROOT } from "./project.ts";
import type { Secrets } from "./secrets.ts";

/** The gateway in front of the log, Redis and Postgres. */
export function gatewayProgram(
  settings: object,
  dataDir: string,
  port: number,
  secrets: Secrets,
  log: ConsoleLog,
): Program {
  const { JWT_SECRET: _c, JWT_SECRET_PREVIOUS: _p, INTERNAL_KEY: _k, OPS_TOKENS: _o, ...own } = secrets;
  return {
    name: "gateway",
    args: [join(ROOT, "gateway/main.ts")],
    env: {
      ...own,
      ...storeEnvironment(settings),
      GATEWAY_PORT: String(port),
      HOST: "127.0.0.1",
      DATA_DIR: dataDir,
    },
    ...gatewayOutput(log),
  };
}

/** The settings of the external stores as environment variables. */
function storeEnvironment(settings: object): Record<string, string> {
  const set = Object.entries(settings).filter(
    ([name, value]) => name in storeVariables && value !== undefined,
  );
  return Object.fromEntries(set.map(([name, value]) => [name, String(value)]));
}

/**
 * Logs the output of the gateway. Until it has listened once, its errors are sentences for the user of the whole system: a
 * setting, a store or a folder is wrong, and would be wrong at every further start. Later it is restarted whatever it says,
 * because a store that it has used before may come back.
 */
function gatewayOutput(log: ConsoleLog): Pick<Program, "onLine" | "refusal"> {
  const sentences: string[] = [];
  let listened = false;
  return {
    onLine: (line, from) => {
      if (from === "stderr" && !listened) sentences.push(line);
      else log.line("gateway", line, from === "stderr" ? "error" : "info");
      if (line.includes('"event":"gateway listening"')) listened = true;
    },
    refusal: () => (listened || sentences.length === 0 ? null : new Complaint(sentences.join("\n"), FAILED)),
  };
}
