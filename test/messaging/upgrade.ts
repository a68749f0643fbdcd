import { WebSocket } from "ws";
import type { ServerEvent } from "../../schema/wire/socket.ts";

/** The result of an attempt to open a socket: open, with the first events; or refused before the upgrade, with a problem. */
export type Upgrade = {
  status: number;
  protocol: string;
  events: ServerEvent[];
  problem: { code?: string };
};

/** Tries to open a socket with any subprotocols and headers; closes it after its first frame. */
export function tryUpgrade(
  url: string,
  protocols: string[],
  headers: Record<string, string> = {},
): Promise<Upgrade> {
  const socket = new WebSocket(url, protocols, { headers });
  return new Promise((resolve, reject) => {
    socket.on("error", reject);
    socket.on("message", (data) => {
      const events: ServerEvent[] = JSON.parse(String(data));
      resolve({ status: 101, protocol: socket.protocol, events, problem: {} });
      socket.close();
    });
    socket.on("unexpected-response", (_, response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () => {
        const problem = JSON.parse(Buffer.concat(parts).toString() || "{}");
        resolve({ status: response.statusCode ?? 0, protocol: "", events: [], problem });
      });
    });
  });
}
