import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { gatewayApp } from "./app.ts";
import type { GatewayConfig } from "./config.ts";
import { openEngines } from "./engines.ts";
import { ConsumerGroups } from "./kafka/consumer-groups.ts";
import { Traffic } from "./metrics/traffic.ts";
import { StartError } from "./start-error.ts";

/** A running gateway. */
export interface Gateway {
  readonly url: string;
  /** Finishes the requests under way, then closes the engines. */
  close(): Promise<void>;
}

/** The gateway cannot listen on its port: it is taken or not permitted, or the host is wrong. */
export class PortUnavailable extends StartError {
  override readonly name = "PortUnavailable";
}

/** Longer than clients keep an idle connection: the client closes it first, so no request is sent to a closed one. */
const KEEP_ALIVE_MS = 75_000;

/** Opens the engines, then listens. */
export async function startGateway(config: GatewayConfig, open = openEngines): Promise<Gateway> {
  const engines = await open(config);
  const groups = new ConsumerGroups(engines.kafka);
  const closing = new AbortController();
  const traffic = new Traffic();
  const app = gatewayApp({ config, engines, groups, closing: closing.signal, traffic });
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, getRequestListener(app.fetch));
  traffic.watch(server);
  try {
    const { address, port, family } = await listen(server, config);
    const host = family === "IPv6" ? `[${address}]` : address;
    return { url: `http://${host}:${port}`, close };
  } catch (error) {
    await engines.close();
    throw error;
  }

  async function close(): Promise<void> {
    closing.abort();
    await closeServer(server);
    await groups.close();
    await engines.close();
  }
}

async function listen(server: Server, { host, port }: GatewayConfig): Promise<AddressInfo> {
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (error) {
    throw unavailable(error, host, port);
  }
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The gateway listens on no port");
  return address;
}

function unavailable(error: unknown, host: string, port: number): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE")
    return new PortUnavailable(`Port ${port} is taken: set GATEWAY_PORT to a free one`);
  if (code === "EACCES")
    return new PortUnavailable(`Port ${port} may not be used: set GATEWAY_PORT to one above 1023`);
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
    return new PortUnavailable(`HOST ${host} is not an address here`);
  return error;
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  // A connection that is busy now becomes idle later, and the server closes only when all connections are closed.
  const sweep = setInterval(() => server.closeIdleConnections(), 20);
  await closed;
  clearInterval(sweep);
}
