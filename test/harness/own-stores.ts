import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import { Client } from "pg";
import { startKafka } from "../../gateway/testing/real/kafka.ts";

/** What one system has to itself at the external stores. */
export type OwnStores = {
  /** The settings that name it: those of this process, with the system's own parts of the servers. */
  env: Record<string, string>;
  /** Empties its Redis; the embedded one is empty whenever the gateway starts. */
  emptyRedis(): Promise<void>;
  /** Removes everything in it. */
  remove(): Promise<void>;
};

type OwnPart = { url: string; clear?: () => Promise<void>; remove: () => Promise<unknown> };

/**
 * Makes a part of each server that REDIS_URL and DATABASE_URL name, so that systems of several tests do not meet: a
 * numbered database of Redis, a new database of Postgres. A Kafka has no such parts, since all its topics have the lag of one
 * group: with KAFKA_BROKERS, every system gets a Kafka of its own. Without these variables, systems run on embedded stores.
 */
export async function ownStores(): Promise<OwnStores> {
  const { KAFKA_BROKERS = "", REDIS_URL = "", DATABASE_URL = "" } = process.env;
  const kafka = KAFKA_BROKERS === "" ? undefined : await startKafka();
  const redis = REDIS_URL === "" ? undefined : await ownRedis(REDIS_URL);
  const database = DATABASE_URL === "" ? undefined : await ownDatabase(DATABASE_URL);
  return {
    env: {
      ...(kafka !== undefined && { KAFKA_BROKERS: kafka.brokers.plain }),
      ...(redis !== undefined && { REDIS_URL: redis.url }),
      ...(database !== undefined && { DATABASE_URL: database.url }),
    },
    emptyRedis: async () => {
      await redis?.clear?.();
    },
    remove: async () => {
      await kafka?.stop();
      await redis?.remove();
      await database?.remove();
    },
  };
}

/** A Redis has this many databases unless it is configured otherwise. */
const REDIS_DATABASES = 16;
/** Claims are in database 0. The claim of a test that was killed ends by itself. */
const CLAIM_SECONDS = 3_600;

/** The first database that is empty and that no other test has claimed. */
async function ownRedis(text: string): Promise<OwnPart> {
  const zero = new URL(text);
  zero.pathname = "/0";
  for (let database = 1; database < REDIS_DATABASES; database += 1) {
    const url = new URL(text);
    url.pathname = `/${database}`;
    const claim = `test:claim:${database}`;
    const claimed = await onRedis(zero, (redis) => redis.set(claim, randomUUID(), "EX", CLAIM_SECONDS, "NX"));
    if (claimed === null) continue;
    const clear = async () => {
      await onRedis(url, (redis) => redis.flushdb());
    };
    const release = () => onRedis(zero, (redis) => redis.del(claim));
    if ((await onRedis(url, (redis) => redis.dbsize())) === 0) {
      return { url: url.href, clear, remove: () => clear().then(release) };
    }
    await release();
  }
  throw new Error("No database of the Redis at REDIS_URL is empty");
}

async function onRedis<Value>(url: URL, work: (redis: Redis) => Promise<Value>): Promise<Value> {
  const redis = new Redis(url.href, { maxRetriesPerRequest: 0 });
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}

async function ownDatabase(text: string): Promise<OwnPart> {
  const name = `edge_im_test_${randomUUID().replaceAll("-", "")}`;
  const url = new URL(text);
  url.pathname = `/${name}`;
  await administer(text, `CREATE DATABASE ${name} ENCODING 'UTF8' TEMPLATE template0`);
  return { url: url.href, remove: () => administer(text, `DROP DATABASE ${name} WITH (FORCE)`) };
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new Client(url);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
