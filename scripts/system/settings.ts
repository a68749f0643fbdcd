import { z } from "zod";
import { storeVariables } from "../../gateway/config.ts";
import { ConnectServers } from "../../lib/connect-servers.ts";
import { forEachLimit, RATE_LIMIT_FORM, RATE_LIMITS, RateLimit } from "../../lib/rate-limits.ts";
import { TopicLayout } from "../../lib/topic.ts";
import { BAD_SETTING, Complaint } from "./complaint.ts";

/** A whole number within bounds. */
export const whole = (low: number, high: number) =>
  z
    .string()
    .regex(/^[0-9]+$/, "must be a whole number")
    .transform(Number)
    .pipe(z.number().min(low, `must be at least ${low}`).max(high, `must be at most ${high}`));

/** A bound of the connect layer; its default is in that layer's configuration. */
export const bound = (meaning: string) =>
  whole(0, 1_000_000_000).optional().describe(`${meaning} Unless set, as in workers/connect/wrangler.toml.`);

/** The limits of the API, with these defaults: validated here, and passed on as text. */
export const limits = (kind: "development" | "production") =>
  forEachLimit((name) =>
    z
      .string()
      .refine((text) => RateLimit.safeParse(text).success, { error: RATE_LIMIT_FORM })
      .prefault(RATE_LIMITS[name][kind])
      .describe(RATE_LIMITS[name].meaning),
  );

/** Every setting of `npm start`, with its default and its meaning. `npm start -- --help` prints this list. */
export const Settings = z.object({
  PORT: whole(1, 65_535).prefault("8787").describe("The port of the web client and the API."),
  HOST: z.string().prefault("127.0.0.1").describe("The address to listen on; loopback unless set."),
  DATA_DIR: z.string().prefault(".data").describe("The folder that holds all data and the secrets."),
  GATEWAY_PORT: whole(0, 65_535)
    .prefault("0")
    .describe("The port of the gateway, on loopback only; 0 picks a free one."),
  CONNECT_SERVERS: z
    .string()
    .refine((list) => ConnectServers.safeParse(list).success, {
      error: "must be server ids with an optional location hint, like eu=weur,us=enam",
    })
    .prefault("local")
    .describe("The connect servers, each with a location hint if it has one, separated by commas."),
  BUCKETS_PER_SERVER: whole(1, 100_000).prefault("4").describe("The buckets of each connect server."),
  PUSH_RATE: bound("Frames a second that a bucket pushes; a frame to a whole group counts once."),
  PUSH_BURST: bound("Frames that a bucket pushes at once."),
  SOCKET_FRAME_RATE: bound("Frames a second that a socket may send."),
  SOCKET_FRAME_BURST: bound("Frames that a socket may send at once."),
  SOCKET_BYTE_RATE: bound("Bytes a second that a socket may send."),
  SOCKET_BYTE_BURST: bound("Bytes that a socket may send at once."),
  ACCOUNT_FRAME_RATE: bound("Frames a second that all sockets of an account may send together."),
  ACCOUNT_FRAME_BURST: bound("Frames that all sockets of an account may send at once."),
  ACCOUNT_OPERATION_RATE: whole(1, 1_000_000_000)
    .prefault("450")
    .describe("Operations a second that all sockets of an account may send; more are rejected."),
  ACCOUNT_OPERATION_BURST: whole(1, 1_000_000_000)
    .prefault("4500")
    .describe("Operations that all sockets of an account may send at once."),
  ACCOUNT_BYTE_RATE: bound("Bytes a second that all sockets of an account may send together."),
  ACCOUNT_BYTE_BURST: bound("Bytes that all sockets of an account may send at once."),
  MAX_SOCKETS_PER_BUCKET: bound("Sockets that a bucket holds."),
  MAX_SOCKETS_PER_ACCOUNT: bound("Sockets of an account in a bucket; a further one closes the oldest."),
  MAX_INBOUND_BYTES_PER_SOCKET: bound(
    "Bytes of frames from one socket that may wait for logic; a frame counts 256 at least.",
  ),
  MAX_INBOUND_BYTES_PER_BUCKET: bound(
    "Bytes of frames from all sockets of a bucket that may wait for logic, counted alike.",
  ),
  MAX_OUTBOUND_BYTES_PER_BUCKET: bound("Bytes of events that may wait in a bucket for push tokens."),
  GRACE_SECONDS: bound("Seconds that somebody may be away before they are offline."),
  SOCKET_IDLE_SECONDS: bound("Seconds without a sign of life after which a socket is closed."),
  VERIFY_SECONDS: bound(
    "Seconds between two comparisons of a bucket's groups and sessions with the stored ones.",
  ),
  ...limits("development"),
  ADDRESS_LIMIT: whole(1, 1_000_000_000)
    .optional()
    .describe(
      "Requests a minute from one address, counted before anything else is done. Unless set, any number.",
    ),
  SESSION_DAYS: whole(1, 3_650)
    .prefault("60")
    .describe("Days after which a session expires whose refresh token has not been used."),
  RETENTION_DAYS: whole(0, 36_500)
    .prefault("0")
    .describe(
      "Days after which messages are removed, in groups unless they have days of their own; 0 keeps them.",
    ),
  PASSWORD_COST: whole(2, 1_048_576)
    .refine((cost) => (cost & (cost - 1)) === 0, "must be a power of two")
    .prefault("16384")
    .describe("scrypt's N for new password hashes: a power of two."),
  ALLOWED_ORIGINS: z
    .string()
    .refine((list) => list.split(",").every((origin) => URL.parse(origin)?.origin === origin), {
      error: "must be origins like https://chat.example.org, separated by commas",
    })
    .optional()
    .describe("Further origins whose pages may open sockets, separated by commas."),
  CRON_SECONDS: whole(1, 86_400).prefault("60").describe("How often task's cron runs, in seconds."),
  LOG_LEVEL: z
    .enum(["debug", "info", "warn", "error"], { error: "must be debug, info, warn or error" })
    .prefault("info")
    .describe("The least important lines of the log to show."),
  FAULTS: z
    .enum(["on", "off"], { error: "must be on or off" })
    .prefault("off")
    .describe("Builds the fault points that tests switch on into the Workers."),
  TOPIC_LAYOUT: z
    .string()
    .refine((layout) => TopicLayout.safeParse(layout).success, {
      error: "must be object, or a number of topics from 1 to 100000",
    })
    .prefault("object")
    .describe(
      "A topic for each person and group (object), or the number of topics over which they are spread.",
    ),
  ...storeVariables,
});
export type Settings = z.output<typeof Settings>;

/** Reads the settings of `npm start` from environment variables. Throws a complaint with every bad one. */
export function readSettings(variables: Readonly<Record<string, string | undefined>>): Settings {
  return parseSettings(Settings, variables);
}

/** Parses environment variables; an empty one counts as unset. Throws a complaint with every bad one. */
export function parseSettings<Schema extends z.ZodType>(
  schema: Schema,
  variables: Readonly<Record<string, string | undefined>>,
): z.output<Schema> {
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ""));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`);
  throw new Complaint(faults.join("\n"), BAD_SETTING);
}

/** The base URL of the system on this machine. */
export function systemAddress({ HOST, PORT }: Pick<Settings, "HOST" | "PORT">): string {
  const host = HOST === "0.0.0.0" || HOST === "::" ? "127.0.0.1" : HOST;
  return `http://${host.includes(":") ? `[${host}]` : host}:${PORT}`;
}

/** The list of all settings, one on each line: name, default, meaning. */
export function describeSettings(shape: Readonly<Record<string, z.ZodType>> = Settings.shape): string {
  const rows = Object.entries(shape).map(([name, setting]) => {
    const preset = setting.safeParse(undefined).data;
    const isSet = preset !== undefined && typeof preset !== "object";
    return [name, isSet ? String(preset) : "", setting.description ?? ""] as const;
  });
  return rows
    .map(([name, preset, meaning]) => `${name.padEnd(30)} ${preset.padEnd(10)} ${meaning}`)
    .join("\n");
}
