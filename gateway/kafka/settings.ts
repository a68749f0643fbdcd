import { z } from "zod";

/** An external Kafka. */
export interface KafkaStore {
  readonly brokers: readonly { readonly host: string; readonly port: number }[];
  readonly sasl:
    | { readonly mechanism: z.infer<typeof Mechanism>; readonly username: string; readonly password: string }
    | undefined;
  /** Present for TLS; `caFile` is a file with the certificates of further authorities. */
  readonly tls: { readonly caFile: string | undefined } | undefined;
  /** The replicas of new topics; -1 for as many as the cluster's own setting says. */
  readonly replication: number;
}

const Mechanism = z.enum(["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"], {
  error: "must be PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512",
});
const CLUSTER_DEFAULT = -1;
const MOST_REPLICAS = 32_767;

/** The settings of an external Kafka, by the names of their environment variables. */
export const kafkaVariables = {
  KAFKA_BROKERS: z
    .string()
    .refine((list) => list.split(",").every((address) => parseAddress(address) !== null), {
      error: "must be addresses like kafka-1:9092,kafka-2:9092",
    })
    .optional()
    .describe("The addresses of a real Kafka's brokers instead of the embedded log, separated by commas."),
  KAFKA_SASL_MECHANISM: Mechanism.optional().describe(
    "How KAFKA_USERNAME logs in: PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512. Unless set, without a user.",
  ),
  KAFKA_USERNAME: z.string().min(1).optional().describe("The user of the real Kafka."),
  KAFKA_PASSWORD: z.string().min(1).optional().describe("The password of KAFKA_USERNAME."),
  KAFKA_TLS: z
    .enum(["on", "off"], { error: "must be on or off" })
    .default("off")
    .describe("Whether the connections to the real Kafka use TLS."),
  KAFKA_CA_FILE: z
    .string()
    .optional()
    .describe("A file with the certificate (PEM) of the authority that has signed those of the brokers."),
  // A fixed number would be wrong somewhere: 1 loses records with a broker, and 3 is refused by a single one.
  KAFKA_REPLICATION: z.coerce
    .number({ error: "must be a whole number" })
    .int("must be a whole number")
    .min(1, "must be at least 1")
    .max(MOST_REPLICAS, `must be at most ${MOST_REPLICAS}`)
    .optional()
    .describe("The replicas of each new topic. Unless set, the cluster's default.replication.factor."),
};

const shape = z.object(kafkaVariables);

/** What is wrong with the settings together, by the name of the setting; undefined when nothing is. */
export function kafkaContradiction(
  variables: z.output<typeof shape>,
): { readonly name: keyof typeof kafkaVariables; readonly message: string } | undefined {
  const {
    KAFKA_SASL_MECHANISM: mechanism,
    KAFKA_USERNAME,
    KAFKA_PASSWORD,
    KAFKA_CA_FILE,
    KAFKA_TLS,
  } = variables;
  if (mechanism === undefined && (KAFKA_USERNAME ?? KAFKA_PASSWORD) !== undefined)
    return { name: "KAFKA_SASL_MECHANISM", message: "is required with KAFKA_USERNAME and KAFKA_PASSWORD" };
  if (mechanism !== undefined && KAFKA_USERNAME === undefined)
    return { name: "KAFKA_USERNAME", message: "is required with KAFKA_SASL_MECHANISM" };
  if (mechanism !== undefined && KAFKA_PASSWORD === undefined)
    return { name: "KAFKA_PASSWORD", message: "is required with KAFKA_SASL_MECHANISM" };
  if (KAFKA_CA_FILE !== undefined && KAFKA_TLS === "off")
    return { name: "KAFKA_CA_FILE", message: "has a meaning only with KAFKA_TLS=on" };
  return undefined;
}

/** The external Kafka that the variables name; undefined when they name none. */
export function kafkaStore(variables: z.output<typeof shape>): KafkaStore | undefined {
  const { KAFKA_BROKERS, KAFKA_SASL_MECHANISM: mechanism, KAFKA_USERNAME: username } = variables;
  if (KAFKA_BROKERS === undefined) return undefined;
  return {
    brokers: KAFKA_BROKERS.split(",").flatMap((address) => parseAddress(address) ?? []),
    sasl:
      mechanism === undefined
        ? undefined
        : { mechanism, username: username ?? "", password: variables.KAFKA_PASSWORD ?? "" },
    tls: variables.KAFKA_TLS === "on" ? { caFile: variables.KAFKA_CA_FILE } : undefined,
    replication: variables.KAFKA_REPLICATION ?? CLUSTER_DEFAULT,
  };
}

function parseAddress(text: string): { host: string; port: number } | null {
  // An IPv6 address is in brackets.
  const [, six, name, digits] = /^(?:\[([\da-fA-F:]+)\]|([\w.-]+)):(\d{1,5})$/.exec(text.trim()) ?? [];
  const [host, port] = [six ?? name, Number(digits)];
  return host === undefined || port < 1 || port > 65_535 ? null : { host, port };
}
