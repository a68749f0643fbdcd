import type { GatewayConfig } from "./config.ts";

/** Longer than a gateway takes to find out that an engine is down. */
const WITHIN_MS = 5_000;

/** Asks the gateway that runs with this configuration on this machine for its health. */
export async function askHealth({
  host,
  port,
}: GatewayConfig): Promise<{ readonly healthy: boolean; readonly text: string }> {
  try {
    const response = await fetch(`http://${reachable(host)}:${port}/health`, {
      signal: AbortSignal.timeout(WITHIN_MS),
    });
    return { healthy: response.ok, text: await response.text() };
  } catch {
    return { healthy: false, text: `no gateway replies on port ${port}` };
  }
}

/** An address at which a server that listens on `host` is reached from its own machine, as in a URL. */
function reachable(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}
