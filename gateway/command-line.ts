import { parseArgs } from "node:util";
import { gatewayVariables } from "./config.ts";

/** What the arguments of the program ask for. */
export type Order =
  /** The variables of the file hold unless the environment has them. */
  | { readonly kind: "serve"; readonly settingsFile: string | undefined }
  | { readonly kind: "init"; readonly file: string }
  | { readonly kind: "health"; readonly settingsFile: string | undefined }
  | { readonly kind: "help" }
  | { readonly kind: "version" };

/** The arguments are wrong: the message is for the user. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Reads the arguments. Throws a {@link UsageError}. */
export function readOrder(args: readonly string[]): Order {
  const { values, positionals } = parse(args);
  const [command = "serve", file = "gateway.env", ...rest] = positionals;
  if (values.help === true) return { kind: "help" };
  if (values.version === true) return { kind: "version" };
  if (rest.length > 0 || (command !== "init" && positionals.length > 1))
    throw new UsageError(`too many arguments after ${command}`);
  const settingsFile = values.settings;
  if (command === "serve" || command === "health") return { kind: command, settingsFile };
  if (command === "init") return { kind: "init", file };
  throw new UsageError(`there is no command ${command}; --help lists them`);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: "boolean", short: "h" },
        version: { type: "boolean" },
        settings: { type: "string" },
      },
    });
  } catch (error) {
    if (error instanceof Error) throw new UsageError(error.message);
    throw error;
  }
}

/** The text of `--help`: the commands, and all settings with their defaults and meanings. */
export function helpText(): string {
  return [
    "edge-im-gateway [serve]        serves Kafka, Redis and Postgres over HTTP",
    "edge-im-gateway init [FILE]    writes a file of settings with new secrets (gateway.env)",
    "edge-im-gateway health         tells whether the gateway of these settings is healthy",
    "  --settings FILE              reads settings from a file; those of the environment win",
    "  --help, --version",
    "",
    "Settings, by the names of their environment variables:",
    ...settingRows().map(({ name, preset, meaning }) => `${name.padEnd(22)} ${preset.padEnd(11)} ${meaning}`),
  ].join("\n");
}

/** Every setting: its name, its default as text, and its meaning. */
export function settingRows(): readonly { name: string; preset: string; meaning: string }[] {
  return Object.entries(gatewayVariables).map(([name, setting]) => {
    const preset = setting.safeParse(undefined).data;
    const isShown = typeof preset === "string" || typeof preset === "number";
    return { name, preset: isShown ? String(preset) : "", meaning: setting.description ?? "" };
  });
}
