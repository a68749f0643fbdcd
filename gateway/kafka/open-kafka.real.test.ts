import { createServer } from "node:net";
import { afterEach, describe, expect, inject, it } from "vitest";
import { z } from "zod";
import { StartError } from "../start-error.ts";
import { listening, olderKafka, startingKafka } from "../testing/real/altered-kafka.ts";
import { ADMIN, STRANGER } from "../testing/real/kafka-accounts.ts";
import { openKafka } from "./open-kafka.ts";
import { kafkaStore, kafkaVariables } from "./settings.ts";

const kafka = inject("kafka");
if (kafka === undefined) throw new Error("The project runs no Kafka");
const { brokers, caFile } = kafka;
const Variables = z.object(kafkaVariables);

/** Opens a Kafka as the environment variables say. */
async function open(variables: Record<string, string>) {
  const store = kafkaStore(Variables.parse(variables));
  if (store === undefined) throw new Error("The variables name no Kafka");
  return await openKafka(store);
}

/** The sentence with which it does not open. */
async function complaint(variables: Record<string, string>): Promise<string> {
  const began = performance.now();
  const outcome = await open(variables).then(
    (log) => log.close(),
    (error: unknown) => error,
  );
  expect(performance.now() - began).toBeLessThan(10_000);
  expect(outcome).toBeInstanceOf(StartError);
  const { message } = outcome as StartError;
  expect(message).not.toContain("\n");
  return message;
}

const login = (mechanism: string, { username, password } = ADMIN) => ({
  ...{ KAFKA_SASL_MECHANISM: mechanism, KAFKA_USERNAME: username, KAFKA_PASSWORD: password },
});

describe("a Kafka", () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0)) await cleanup();
  });

  it.each([
    ["without security", { KAFKA_BROKERS: brokers.plain }],
    ["with a second address that nobody listens at", { KAFKA_BROKERS: `127.0.0.1:1,${brokers.plain}` }],
    ["by PLAIN", { KAFKA_BROKERS: brokers.sasl, ...login("PLAIN") }],
    ["by SCRAM-SHA-256", { KAFKA_BROKERS: brokers.sasl, ...login("SCRAM-SHA-256") }],
    ["by SCRAM-SHA-512", { KAFKA_BROKERS: brokers.sasl, ...login("SCRAM-SHA-512") }],
    [
      "by SCRAM-SHA-512 over TLS",
      { KAFKA_BROKERS: brokers.tls, KAFKA_TLS: "on", KAFKA_CA_FILE: caFile, ...login("SCRAM-SHA-512") },
    ],
  ])("is used %s", async (how, variables) => {
    const log = await open(variables);
    const topic = `opened-${how.replaceAll(/\W/g, "-")}`;
    try {
      const [placed] = await log.produce([{ topic, value: "x" }]);
      expect(placed).toMatchObject({ topic, partition: 0, offset: 0 });
      expect(await log.fetch([{ topic, partition: 0, offset: 0 }], 0, AbortSignal.abort)).toHaveLength(1);
    } finally {
      await log.close();
    }
  });

  it.each([
    [
      "where nothing listens",
      { KAFKA_BROKERS: "127.0.0.1:1" },
      /^KAFKA_BROKERS: nothing listens at 127.0.0.1:1$/,
    ],
    ["whose host does not exist", { KAFKA_BROKERS: "kafka.invalid:9092" }, /^KAFKA_BROKERS: .*host/],
    [
      "with a wrong password by PLAIN",
      { KAFKA_BROKERS: brokers.sasl, ...login("PLAIN", { ...ADMIN, password: "wrong" }) },
      /^KAFKA_PASSWORD: .* refuses the password, or the user admin of KAFKA_USERNAME$/,
    ],
    [
      "with a wrong password by SCRAM",
      { KAFKA_BROKERS: brokers.sasl, ...login("SCRAM-SHA-256", { ...ADMIN, password: "wrong" }) },
      /^KAFKA_PASSWORD: /,
    ],
    ["that wants a user", { KAFKA_BROKERS: brokers.sasl }, /^KAFKA_SASL_MECHANISM: .* wants a user$/],
    [
      "that wants no user",
      { KAFKA_BROKERS: brokers.plain, ...login("PLAIN") },
      /^KAFKA_SASL_MECHANISM: .* wants no user/,
    ],
    ["that wants TLS", { KAFKA_BROKERS: brokers.tls, ...login("PLAIN") }, /^KAFKA_TLS: .* set it to on$/],
    [
      "that speaks no TLS",
      { KAFKA_BROKERS: brokers.sasl, KAFKA_TLS: "on", ...login("PLAIN") },
      /^KAFKA_TLS: .* set it to off$/,
    ],
    [
      "with a certificate of an unknown authority",
      { KAFKA_BROKERS: brokers.tls, KAFKA_TLS: "on", ...login("PLAIN") },
      /^KAFKA_CA_FILE: .* is not trusted/,
    ],
    [
      "with an authority's file that is not there",
      { KAFKA_BROKERS: brokers.tls, KAFKA_TLS: "on", KAFKA_CA_FILE: "/nowhere/ca.pem", ...login("PLAIN") },
      /^KAFKA_CA_FILE: \/nowhere\/ca.pem cannot be read$/,
    ],
    [
      "for a user without rights",
      { KAFKA_BROKERS: brokers.sasl, ...login("SCRAM-SHA-256", STRANGER) },
      /^KAFKA_USERNAME: the user stranger may not create topics .*, write to them, read them, commit offsets of group task/,
    ],
    [
      "with more replicas than brokers",
      { KAFKA_BROKERS: brokers.plain, KAFKA_REPLICATION: "3" },
      /^KAFKA_REPLICATION: Kafka refuses 3 replicas/,
    ],
  ])("%s is refused in a sentence that names the setting", async (_, variables, sentence) => {
    expect(await complaint(variables)).toMatch(sentence);
  });

  it("that is too old is refused", async () => {
    const older = await olderKafka(brokers.plain);
    cleanups.push(older.close);
    expect(await complaint({ KAFKA_BROKERS: older.address })).toMatch(
      /^KAFKA_BROKERS: .* is too old \(it does not know Fetch 12\); 4.0 or newer is needed$/,
    );
  });

  it("whose brokers join their cluster a little later is waited for", async () => {
    const starting = await startingKafka(brokers.plain, 3);
    cleanups.push(starting.close);
    const log = await open({ KAFKA_BROKERS: starting.address });
    cleanups.push(() => log.close());
    expect(await log.produce([{ topic: "opened-late", value: "x" }])).toHaveLength(1);
  });

  it("whose brokers do not join their cluster is given up", async () => {
    const starting = await startingKafka(brokers.plain, Number.POSITIVE_INFINITY);
    cleanups.push(starting.close);
    expect(await complaint({ KAFKA_BROKERS: starting.address })).toMatch(
      /^KAFKA_BROKERS: .* replies, but no broker has joined its cluster within 5 s$/,
    );
  }, 20_000);

  it("that accepts connections and says nothing is given up", async () => {
    const silent = await listening(createServer(() => {}));
    cleanups.push(silent.close);
    expect(await complaint({ KAFKA_BROKERS: silent.address })).toMatch(/^KAFKA_BROKERS: .* does not reply/);
  });

  it("that is another server is refused", async () => {
    const other = await listening(createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")));
    cleanups.push(other.close);
    expect(await complaint({ KAFKA_BROKERS: other.address })).toMatch(/^KAFKA_/);
  });
});
