import { z } from "zod";

/** The settings of an external Kafka, by the names of their environment variables. */
export const kafkaVariables = {
  KAFKA_BROKERS: z
    .undefined({ error: "is not supported yet: the gateway runs its embedded log; leave it unset" })
    .optional()
    .describe("A real Kafka instead of the embedded log. Not supported yet."),
};
