import { join } from "node:path";
import { z } from "zod";
import type { Program } from "../system/child.ts";
import type { ConsoleLog, Level } from "../system/console-log.ts";
import { ROOT } from "../system/project.ts";
import type { Role, Roles } from "./roles.ts";

/** One workerd with a configuration. */
export function workerdProgram(role: Role, config: string, roles: Roles, log: ConsoleLog): Program {
  return {
    name: role,
    args: [join(ROOT, "scripts/serve/run-workerd.ts"), config, ...roles.socketsOf(role)],
    env: {},
    onLine: (line, from) => logLine(role, line, from === "stderr" ? "error" : "info", log),
  };
}

/** A line of workerd's structured log: what a Worker wrote, or what the runtime says of itself. */
const Line = z.object({ level: z.string(), message: z.string() });

const LEVELS: Record<string, Level | undefined> = {
  ...{
    debug: "debug",
    log: "info",
    info: "info",
    warn: "warn",
    warning: "warn",
    error: "error",
    fatal: "error",
  },
};

function logLine(role: Role, text: string, otherwise: Level, log: ConsoleLog): void {
  const line = text.startsWith("{") ? Line.safeParse(JSON.parse(text)).data : undefined;
  if (line === undefined) log.say(role, text, otherwise);
  else log.line(role, line.message, LEVELS[line.level] ?? "info");
}
