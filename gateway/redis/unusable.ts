import { addressText, certificateFailure, codeOf, networkFailure } from "../network-failure.ts";
import type { RedisStore } from "./settings.ts";

/** The external Redis cannot be used. The message is the reason, as the end of a sentence and without the password. */
export class Unusable extends Error {
  override readonly name = "Unusable";
}

/** The reason for which a connection failed. */
export function describeFailure(error: unknown, store: RedisStore): Unusable {
  const address = addressText(store.host, store.port);
  const message = error instanceof Error ? error.message : String(error);
  return new Unusable(
    networkFailure(error, address) ??
      tlsFailure(error, store, address) ??
      connectionFailure(message, address),
  );
}

/** The reason when Redis has replied with an error. */
export function refusal(message: string): Unusable {
  if (/^WRONGPASS|invalid password/.test(message))
    return new Unusable("Redis refuses the user or the password");
  if (message.startsWith("NOAUTH")) return new Unusable("Redis wants a password");
  if (message.startsWith("NOPERM "))
    return new Unusable(`the user lacks a right: ${message.slice("NOPERM ".length)}`);
  return new Unusable(`Redis replies ${message}`);
}

/** The reason when nothing has replied in time. A Redis without TLS waits for the rest of what it cannot read. */
export function silence({ host, port, tls }: RedisStore): Unusable {
  const address = addressText(host, port);
  return new Unusable(tls === undefined ? `${address} does not reply` : `${address} ${NO_TLS}`);
}

const NO_TLS = "does not speak TLS; a Redis without TLS has a redis:// URL";

function tlsFailure(error: unknown, { tls }: RedisStore, address: string): string | undefined {
  const mistrust = certificateFailure(error);
  if (mistrust !== undefined) {
    return `its certificate is not trusted (${mistrust}); REDIS_CA_FILE names a file with that of its authority`;
  }
  const code = codeOf(error);
  if (tls === undefined && code === "ECONNRESET")
    return `${address} has closed the connection; a Redis with TLS has a rediss:// URL`;
  if (tls !== undefined && (code === "EPROTO" || code.startsWith("ERR_SSL"))) return `${address} ${NO_TLS}`;
  return undefined;
}

function connectionFailure(message: string, address: string): string {
  return message.startsWith("Connection is closed")
    ? `${address} has closed the connection; a Redis with TLS has a rediss:// URL`
    : refusal(message).message;
}
