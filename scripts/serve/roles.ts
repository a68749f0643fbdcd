import { join } from "node:path";
import { ConnectServers } from "../../lib/connect-servers.ts";
import { BAD_SETTING, Complaint } from "../system/complaint.ts";
import type { ServeSettings } from "./settings.ts";

/** API, logic and task in one process; or the buckets of one connect server. */
export type Role = "core" | `connect-${string}`;

/** What runs on this machine, and where the rest of the system is. */
export type Roles = {
  core: boolean;
  /** The connect servers of the whole system. */
  serverIds: readonly string[];
  /** Those that run here in processes of their own. */
  apart: readonly string[];
  /** Whether one process runs everything. */
  whole: boolean;
  /** Where a role takes the calls of the others, as workerd writes addresses. */
  addressOf(role: Role): string;
  /** The Unix socket at which a role that runs here takes the calls of this program. */
  controlOf(role: Role): string;
  /** The Unix sockets of a role, which must not exist when its process starts. */
  socketsOf(role: Role): string[];
};

/** The longest path of a Unix socket that every system takes (bytes). */
const MAX_PATH = 103;

/** The Unix socket at which a role takes the calls of the program that has started it. */
export function controlSocket(dataDir: string, role: string): string {
  return join(dataDir, "run", `${role}.control`);
}

export function connectRole(serverId: string): Role {
  return `connect-${serverId}`;
}

/** Reads from the settings what runs here. Throws a complaint when nothing does, or when a part cannot be found. */
export function rolesOf(settings: ServeSettings, dataDir: string): Roles {
  const core = settings.SERVE_CORE === "on";
  const serverIds = ConnectServers.parse(settings.CONNECT_SERVERS).map(({ serverId }) => serverId);
  const whole = settings.SERVE_PROCESSES === "one";
  const apart = whole ? [] : (settings.SERVE_CONNECT ?? serverIds);
  const elsewhere = whole ? [] : serverIds.filter((id) => !apart.includes(id));
  const names = core ? elsewhere : ["core"];
  const lost = names.find((name) => settings.SERVE_ADDRESSES[name] === undefined);
  if (lost !== undefined) {
    throw new Complaint(`SERVE_ADDRESSES must name ${lost}, which does not run on this machine`, BAD_SETTING);
  }
  const checked = (path: string) => {
    if (Buffer.byteLength(path) <= MAX_PATH) return path;
    throw new Complaint(
      `The path of DATA_DIR is too long for sockets: ${path} has over ${MAX_PATH} bytes`,
      BAD_SETTING,
    );
  };
  const socket = (role: Role) => checked(join(dataDir, "run", role));
  const control = (role: Role) => checked(controlSocket(dataDir, role));
  const remote = (role: Role) => settings.SERVE_ADDRESSES[role.replace(/^connect-/, "")];
  return {
    ...{ core, serverIds, apart, whole },
    addressOf: (role) => remote(role) ?? `unix:${socket(role)}`,
    controlOf: control,
    socketsOf: (role) => [socket(role), control(role)],
  };
}
