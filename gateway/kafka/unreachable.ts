import { AuthenticationError, NetworkError, TimeoutError, UserError } from "@platformatic/kafka";
import type { KafkaStore } from "./settings.ts";

/** The sentence for a connection that could not be made: the setting that is probably wrong, and what is wrong with it. */
export function connectionComplaint(error: unknown, store: KafkaStore): string {
  const errors = [...unfolded(error)];
  const find = <Kind>(kind: new (...args: never[]) => Kind) => errors.find((each) => each instanceof kind);
  const where = store.brokers.map(({ host, port }) => `${host}:${port}`).join(", ");

  // First, because a login that gets TLS for a reply fails, too.
  const tls = tlsComplaint(errors, find(UserError), store, where);
  if (tls !== undefined) return tls;
  if (find(AuthenticationError) !== undefined) return loginComplaint(errors, store, where);

  const code = errors.map(codeOf).find((each) => each in REASONS);
  if (code !== undefined) return `KAFKA_BROKERS: ${REASONS[code]} at ${where}`;
  if (find(TimeoutError) !== undefined) return `KAFKA_BROKERS: nothing replies at ${where}`;
  if (find(NetworkError) !== undefined) {
    return store.sasl === undefined
      ? `KAFKA_SASL_MECHANISM: ${where} closes the connection; if it is a Kafka, it wants a user`
      : `KAFKA_BROKERS: ${where} closes the connection; it may not be a Kafka`;
  }
  return `KAFKA_BROKERS: ${where} cannot be used (${error instanceof Error ? error.message : String(error)})`;
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens",
  EHOSTUNREACH: "no host can be reached",
  ENETUNREACH: "no host can be reached",
  ENOTFOUND: "there is no host",
  EAI_AGAIN: "no host's address can be looked up",
};

/** The names of OpenSSL's and Node's reasons to mistrust a certificate. */
const MISTRUST = /CERT|SIGNATURE|ALTNAME|ISSUER/;

function loginComplaint(errors: readonly object[], { sasl, tls }: KafkaStore, where: string): string {
  const refusal = errors
    .map((error) => ("apiId" in error ? error.apiId : undefined))
    .find((id) => id !== undefined);
  if (refusal === "ILLEGAL_SASL_STATE")
    return `KAFKA_SASL_MECHANISM: the Kafka at ${where} wants no user; leave the mechanism, the user and the password unset`;
  if (refusal === "UNSUPPORTED_SASL_MECHANISM")
    return `KAFKA_SASL_MECHANISM: the Kafka at ${where} does not know ${sasl?.mechanism}`;
  if (refusal === undefined)
    return tls === undefined
      ? `KAFKA_TLS: ${where} closes the connection before the login; if it is a Kafka, it expects TLS, so set it to on`
      : `KAFKA_BROKERS: ${where} closes the connection before the login; it may not be a Kafka`;
  return `KAFKA_PASSWORD: the Kafka at ${where} refuses the password, or the user ${sasl?.username} of KAFKA_USERNAME`;
}

function tlsComplaint(
  errors: readonly object[],
  misuse: object | undefined,
  { tls }: KafkaStore,
  where: string,
): string | undefined {
  if (tls === undefined) return misuse && `KAFKA_TLS: the Kafka at ${where} expects TLS; set it to on`;
  const mistrust = errors.find((error) => MISTRUST.test(codeOf(error)));
  if (mistrust !== undefined) {
    const reason = mistrust instanceof Error ? mistrust.message : codeOf(mistrust);
    return `KAFKA_CA_FILE: the certificate of the Kafka at ${where} is not trusted (${reason}); name a file with that of its authority`;
  }
  const garbled = errors.some(
    (error) => codeOf(error) === "ECONNRESET" || codeOf(error).startsWith("ERR_SSL"),
  );
  return misuse !== undefined || garbled
    ? `KAFKA_TLS: ${where} does not speak TLS; set it to off`
    : undefined;
}

/** The error with all that it wraps. */
function* unfolded(error: unknown): Generator<object> {
  if (typeof error !== "object" || error === null) return;
  yield error;
  if ("cause" in error) yield* unfolded(error.cause);
  if ("errors" in error && Array.isArray(error.errors))
    for (const each of error.errors) yield* unfolded(each);
}

function codeOf(error: object): string {
  return "code" in error && typeof error.code === "string" ? error.code : "";
}
