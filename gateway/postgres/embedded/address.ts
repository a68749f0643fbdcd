import { once } from "node:events";
import { rmSync } from "node:fs";
import { chown, mkdtemp } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Account } from "./account.ts";

/** How the folders of sockets are called, so that what was left behind is known as ours. */
export const SOCKET_FOLDER_PREFIX = "edge-im-pg-";

/** Where a server listens: nobody but this machine reaches it. */
export interface Address {
  /** As Postgres' settings say it. */
  readonly settings: Readonly<Record<string, string>>;
  /** As a client says it: a folder of sockets, or a host. */
  readonly host: string;
  readonly port: number;
  /** Removes what was made for it. */
  release(): void;
}

/**
 * A new address: a Unix socket in a private folder, whose path is short because sockets' paths may be no longer than
 * about a hundred bytes; on Windows, where Node has no such sockets, a port on loopback.
 */
export async function newAddress(account: Account | undefined): Promise<Address> {
  if (process.platform === "win32") {
    const port = await freePort();
    const settings = { listen_addresses: LOOPBACK, unix_socket_directories: "", port: String(port) };
    return { settings, host: LOOPBACK, port, release: () => undefined };
  }
  const folder = await mkdtemp(join(tmpdir(), SOCKET_FOLDER_PREFIX));
  if (account !== undefined) await chown(folder, account.uid, account.gid);
  const port = 5432; // Only a part of the socket's name.
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
