import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { GatewayConfig } from "./config.ts";
import { DataInUse } from "./data-lock.ts";
import { type Engines, openEngines } from "./engines.ts";
import { type RealPostgres, startRealPostgres } from "./testing/real/postgres.ts";
import { testConfig } from "./testing/test-gateway.ts";

const kafka = inject("kafka");
if (kafka === undefined) throw new Error("The project runs no Kafka");

describe("two gateways with the same data folder", () => {
  let postgres: RealPostgres;
  let parent: string;
  const opened: Engines[] = [];

  beforeAll(async () => {
    parent = await mkdtemp(join(tmpdir(), "engines-test-"));
    postgres = await startRealPostgres("embedded");
  });
  afterAll(async () => {
    for (const engines of opened) await engines.close();
    await postgres.remove();
    await rm(parent, { recursive: true });
  });

  const config = (folder: string, stores: Record<string, string>) =>
    testConfig({ DATA_DIR: join(parent, folder), ...stores });
  const open = async (of: GatewayConfig) => {
    const engines = await openEngines(of);
    opened.push(engines);
    return engines;
  };

  it("are refused while an embedded store keeps data in it", async () => {
    const withEmbeddedLog = config("with-log", { DATABASE_URL: postgres.url() });
    await open(withEmbeddedLog);
    await expect(open(withEmbeddedLog)).rejects.toThrow(DataInUse);
  });

  it("run when real servers keep everything, and need no folder", async () => {
    const external = config("unused", { KAFKA_BROKERS: kafka.brokers.plain, DATABASE_URL: postgres.url() });
    const [one, other] = [await open(external), await open(external)];
    const topic = "of-two-gateways";
    await one.kafka.produce([{ topic, value: "x" }]);
    const records = await other.kafka.fetch([{ topic, partition: 0, offset: 0 }], 0, AbortSignal.abort);
    expect(records.map(({ value }) => value)).toEqual(["x"]);
    expect(existsSync(external.dataDir)).toBe(false);
  });
});
