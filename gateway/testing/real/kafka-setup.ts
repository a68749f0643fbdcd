import type { TestProject } from "vitest/node";
import { startKafka } from "./kafka.ts";
import { KAFKA_ACCOUNTS } from "./kafka-accounts.ts";

/** The Kafka that all tests of the project share. */
export interface SharedKafka {
  /** The addresses of its listeners: without any security, with SASL, and with SASL over TLS. */
  readonly brokers: { readonly plain: string; readonly sasl: string; readonly tls: string };
  readonly caFile: string;
}

declare module "vitest" {
  interface ProvidedContext {
    /** Absent in the projects that do not run one. */
    kafka: SharedKafka | undefined;
  }
}

/** Starts one Kafka for the whole project, and ends it. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const kafka = await startKafka({ accounts: KAFKA_ACCOUNTS });
  project.provide("kafka", { brokers: kafka.brokers, caFile: kafka.caFile });
  return () => kafka.stop();
}
