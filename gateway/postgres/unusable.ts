import { certificateFailure, codeOf, networkFailure } from "../network-failure.ts";

/** The reason for which Postgres cannot be connected to, as the end of a sentence and without the password. */
export function describeFailure(error: unknown, url: string): string {
  const mistrust = certificateFailure(error);
  if (mistrust !== undefined)
    return `its certificate is not trusted (${mistrust}); sslrootcert in the URL names a file with that of its authority`;
  return networkFailure(error, addressOf(url)) ?? refusal(error) ?? clientFailure(error, addressOf(url));
}

/** By SQLSTATE. */
function refusal(error: unknown): string | undefined {
  const message = error instanceof Error ? error.message : String(error);
  switch (codeOf(error)) {
    case "28P01":
      return "Postgres refuses the user or the password";
    case "28000":
      // The message names the host, the user, the database and whether TLS was used.
      return `Postgres lets nobody in like this: ${message}${message.includes("no encryption") ? " (sslmode in the URL turns it on)" : ""}`;
    case "3D000":
    case "42501":
    case "53300":
    case "57P03":
      return `Postgres refuses the connection: ${message}`;
    default:
      return undefined;
  }
}

function clientFailure(error: unknown, address: string): string {
  const message = error instanceof Error ? error.message : String(error);
  if (message.includes("does not support SSL"))
    return `${address} does not speak TLS; without TLS, the URL has no sslmode`;
  if (message.includes("password must be a")) return "Postgres wants a password";
  if (/timeout/.test(message)) return `${address} does not reply`;
  if (/terminated|ECONNRESET/.test(message)) return `${address} has closed the connection; is it a Postgres?`;
  return message;
}

function addressOf(url: string): string {
  const { hostname, port, searchParams } = new URL(url);
  const host = searchParams.get("host") ?? hostname;
  return host.startsWith("/") ? host : `${host}:${searchParams.get("port") ?? (port || "5432")}`;
}
