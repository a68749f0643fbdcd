import { freePort } from "../../../scripts/system/ports.ts";
import type { Program } from "../../harness/system.ts";

/** A way to run the system. */
export type Variant = {
  name: string;
  program: Program;
  env: Readonly<Record<string, string>>;
  /** Where the sockets of connect servers are opened: as a proxy would pass them on, past API and connect. */
  sockets: Readonly<Record<string, string>>;
};

export const START: Variant = { name: "npm start", program: "start", env: {}, sockets: {} };

/** The variants of `npm run serve`: one and two connect processes, and two whose sockets come to them directly. */
export async function serveVariants(): Promise<Variant[]> {
  const two = { CONNECT_SERVERS: "one,two" };
  const sockets = { one: `127.0.0.1:${await freePort()}`, two: `127.0.0.1:${await freePort()}` };
  const direct = {
    SOCKET_ADDRESSES: Object.entries(sockets)
      .map((pair) => pair.join("="))
      .join(","),
  };
  return [
    { name: "npm run serve, 1 connect process", program: "serve", env: {}, sockets: {} },
    { name: "npm run serve, 2 connect processes", program: "serve", env: two, sockets: {} },
    {
      ...{ name: "npm run serve, 2 connect processes, sockets directly to them", program: "serve", sockets },
      env: { ...two, ...direct },
    },
  ];
}
