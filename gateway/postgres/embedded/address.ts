import { once } from "node:events";
import { rmSync } from "node:fs";
import { chown, mkdtemp } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Account } from "./account.ts";

/** The prefix of socket folders' names, by which a folder left by an earlier gateway is recognised. */
export const SOCKET_FOLDER_PREFIX = "edge-im-pg-";

/** The address of a server, reachable from this machine only. */
export interface Address {
  /** The address as settings of Postgres. */
  readonly settings: Readonly<Record<string, string>>;
  /** The host for clients: the folder of the socket, or a host name. */
  readonly host: string;
  readonly port: number;
  /** Removes the socket folder. */
  release(): void;
}

/**
 * Makes a new address: a Unix socket in a private folder, or, on Windows, where Node has no Unix sockets, a port on
 * loopback. The folder is in the temporary folder, because a socket's path may have only about a hundred bytes.
 */
export async function newAddress(account: Account | undefined): Promise<Address> {
  if (process.platform === "win32") {
    const port = await freePort();
    const settings = { listen_addresses: LOOPBACK, unix_socket_directories: "", port: String(port) };
    return { settings, host: LOOPBACK, port, release: () => undefined };
  }
  const folder = await mkdtemp(join(tmpdir(), SOCKET_FOLDER_PREFIX));
  if (account !== undefined) await chown(folder, account.uid, account.gid);
  const port = 5432; // Only part of the socket's name.
  return {
    settings: { listen_addresses: "", unix_socket_directories: `"${folder}"`, port: String(port) },
    host: folder,
    port,
    release: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const LOOPBACK = "127.0.0.1";

async function freePort(): Promise<number> {
  const server = createServer().listen(0, LOOPBACK);
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("There is no free port");
  return address.port;
}
