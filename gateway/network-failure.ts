/** The host and port of a server, as a user writes them. */
export function addressText(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Why a connection to an address failed, as the end of a sentence; undefined for an error that is not of the network. */
export function networkFailure(error: unknown, address: string): string | undefined {
  switch (codeOf(error)) {
    case "ENOTFOUND":
      return `there is no host of that name: ${address}`;
    case "EAI_AGAIN":
      return `the name of the host cannot be looked up now: ${address}`;
    case "ECONNREFUSED":
    case "ENOENT":
      return `nothing listens at ${address}`;
    case "EACCES":
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return `${address} cannot be reached`;
    case "ETIMEDOUT":
      return `${address} does not reply`;
    default:
      return undefined;
  }
}

/** Why the certificate of a server is not trusted, as OpenSSL says it; undefined for another error. */
export function certificateFailure(error: unknown): string | undefined {
  if (!(error instanceof Error) || !/CERT|SIGNATURE|ALTNAME|ISSUER/.test(codeOf(error))) return undefined;
  // Without the advice for developers that may follow.
  return error.message.split(";")[0];
}

/** The code of an error of Node or of Postgres; empty when it has none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
