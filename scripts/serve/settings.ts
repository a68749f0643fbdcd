import { z } from "zod";
import { ConnectServers } from "../../lib/connect-servers.ts";
import { bound, limits, parseSettings, Settings } from "../system/settings.ts";

const onOff = (preset: "on" | "off") =>
  z.enum(["on", "off"], { error: "must be on or off" }).prefault(preset);

const serverIds = z
  .string()
  .transform((list) => list.split(",").map((id) => id.trim()))
  .pipe(z.array(z.string().regex(/^[a-z0-9-]{1,32}$/, "must be server ids, separated by commas")));

const ADDRESS = /^([a-z0-9-]{1,32})=((?:\[[\da-fA-F:]+\]|[\w.-]+):\d{1,5})$/;

/** A list like `core=10.0.0.1:9000,eu=10.0.0.2:9001`. */
const addresses = z
  .string()
  .transform((list) => (list === "" ? [] : list.split(",").map((entry) => entry.trim())))
  .refine((entries) => entries.every((entry) => ADDRESS.test(entry)), {
    error: "must be names with addresses, like core=10.0.0.1:9000,eu=10.0.0.2:9001",
  })
  .transform((entries): Record<string, string | undefined> => {
    const pairs = entries.map((entry) => ADDRESS.exec(entry) ?? []);
    return Object.fromEntries(pairs.map(([, name, address]) => [name, address]));
  })
  .prefault("");

/** What only `npm run serve` has. */
const SERVE_ONLY = {
  SERVE_PROCESSES: z
    .enum(["one", "split"], { error: "must be one or split" })
    .prefault("split")
    .describe(
      "Whether all of this machine runs in one process, which is faster on few cores, or each connect server in its own.",
    ),
  GATEWAY_URL: z
    .url({ protocol: /^https?$/, error: "must be a URL like http://10.0.0.1:8790" })
    .optional()
    .describe("A gateway that runs already. Unless set, serve runs one of its own."),
  TRUSTED_PROXY: onOff("off").describe(
    "Whether a proxy in front, such as Caddy, sets X-Forwarded-For and X-Forwarded-Proto. Clients must not reach PORT then.",
  ),
  SERVE_CORE: onOff("on").describe("Whether this machine runs API, logic and task."),
  SERVE_CONNECT: serverIds
    .optional()
    .describe("The connect servers that this machine runs, separated by commas; unless set, all of them."),
  SERVE_ADDRESSES: addresses.describe(
    "Where core and connect servers listen for other machines: core=10.0.0.1:9000,eu=10.0.0.2:9001.",
  ),
  SOCKET_ADDRESSES: addresses.describe(
    "Where connect servers take sockets directly, from a proxy: eu=127.0.0.1:8801,us=127.0.0.1:8802.",
  ),
  CLUSTER_BUCKET: z
    .string()
    .regex(/^s3:\/\/[^/]+(\/.*[^/])?$/, "must be a bucket of the S3 server, like s3://edge-im/cluster")
    .optional()
    .describe(
      "Experimental: machines that run the same connect servers share their buckets, by what they keep here. See deployment.md.",
    ),
  CLUSTER_ADDRESSES: addresses.describe(
    "Where the connect servers of this machine take the calls of the same servers on others: eu=10.0.0.1:7000.",
  ),
  S3_ENDPOINT: z
    .url({ protocol: /^https?$/, error: "must be a URL like https://s3.example.org" })
    .optional()
    .describe("An S3-compatible server that keeps what people upload. Unless set, DATA_DIR does."),
  S3_BUCKET: z.string().optional().describe("The bucket on the S3-compatible server."),
  S3_REGION: z.string().prefault("us-east-1").describe("The region of the bucket."),
  S3_ACCESS_KEY_ID: z.string().optional().describe("The id of the key to the bucket."),
  S3_SECRET_ACCESS_KEY: z.string().optional().describe("The secret of the key to the bucket."),
};

/** Every setting of `npm run serve`: those of `npm start`, with the limits of production, and what only serve has. */
export const SERVE_SHAPE = {
  ...Settings.shape,
  ...limits("production"),
  ACCOUNT_OPERATION_RATE: bound(
    "Operations a second that all sockets of an account may send; more are rejected.",
  ),
  ACCOUNT_OPERATION_BURST: bound("Operations that all sockets of an account may send at once."),
  ...SERVE_ONLY,
};

const ServeSettings = z.object(SERVE_SHAPE).superRefine((settings, context) => {
  const complain = (setting: string, message: string) =>
    context.addIssue({ code: "custom", path: [setting], message });
  const known = ConnectServers.parse(settings.CONNECT_SERVERS).map(({ serverId }) => serverId);
  const named = {
    SERVE_CONNECT: settings.SERVE_CONNECT ?? [],
    SOCKET_ADDRESSES: Object.keys(settings.SOCKET_ADDRESSES),
    SERVE_ADDRESSES: Object.keys(settings.SERVE_ADDRESSES).filter((name) => name !== "core"),
    CLUSTER_ADDRESSES: Object.keys(settings.CLUSTER_ADDRESSES),
  };
  for (const [setting, names] of Object.entries(named)) {
    const unknown = names.find((name) => !known.includes(name));
    if (unknown !== undefined) complain(setting, `names ${unknown}, which CONNECT_SERVERS does not`);
  }
  if (settings.SERVE_PROCESSES === "one") {
    if (settings.SERVE_CORE === "off") complain("SERVE_PROCESSES", "must be split when SERVE_CORE is off");
    if (settings.SERVE_CONNECT !== undefined)
      complain("SERVE_PROCESSES", "must be split when SERVE_CONNECT is set");
  }
  const clustered = settings.CLUSTER_BUCKET !== undefined;
  if (clustered && settings.SERVE_PROCESSES === "one")
    complain("SERVE_PROCESSES", "must be split when CLUSTER_BUCKET is set");
  if (clustered && settings.S3_ENDPOINT === undefined) complain("CLUSTER_BUCKET", "needs S3_ENDPOINT");
  // workerd writes a path into the Host header.
  if (clustered && new URL(settings.S3_ENDPOINT ?? "http://s3").pathname !== "/")
    complain("S3_ENDPOINT", "must have no path when CLUSTER_BUCKET is set");
  const apart = settings.SERVE_CONNECT ?? known;
  if (clustered && !apart.every((id) => settings.CLUSTER_ADDRESSES[id] !== undefined))
    complain("CLUSTER_ADDRESSES", "must name each connect server of this machine when CLUSTER_BUCKET is set");
  if (settings.S3_ENDPOINT === undefined) return;
  for (const name of ["S3_BUCKET", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"] as const) {
    if (settings[name] === undefined) complain(name, "must be set when S3_ENDPOINT is");
  }
});
export type ServeSettings = z.output<typeof ServeSettings>;

/** Reads the settings of `npm run serve` from environment variables. Throws a complaint with every bad one. */
export function readServeSettings(variables: Readonly<Record<string, string | undefined>>): ServeSettings {
  return parseSettings(ServeSettings, variables);
}

/** The settings of `npm start` as those of serve: everything on this machine, in one process. */
export function allInOne(settings: Settings): ServeSettings {
  return { ...z.object(SERVE_ONLY).parse({}), ...settings, SERVE_PROCESSES: "one" };
}
