import { createServer } from "node:net";
import { BAD_SETTING, Complaint } from "./complaint.ts";

/** Throws a complaint when the port cannot be used; `setting` is the name of the setting that holds the port. */
export async function checkPort(host: string, port: number, setting: string): Promise<void> {
  try {
    await listenOnce(host, port);
  } catch (error) {
    throw new Complaint(describe(host, port, setting, error), BAD_SETTING);
  }
}

/** Returns a free port of the loopback address. Another program may take it before it is used. */
export function freePort(): Promise<number> {
  return listenOnce("127.0.0.1", 0);
}

function describe(host: string, port: number, setting: string, error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  switch (code) {
    case "EADDRINUSE":
      return `Port ${port} is taken by another program: end that one, or set ${setting} to another port.`;
    case "EACCES":
      return `Port ${port} may not be used by this user: set ${setting} to one above 1023.`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return `HOST ${host} is not an address of this machine.`;
    default:
      return `Cannot listen on HOST ${host}, ${setting} ${port}: ${error instanceof Error ? error.message : error}`;
  }
}

function listenOnce(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      const taken = typeof address === "object" && address !== null ? address.port : port;
      server.close(() => resolve(taken));
    });
  });
}
