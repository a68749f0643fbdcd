import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { connectDatabase } from "../../lib/database.ts";
import { Log } from "../../lib/log.ts";
import { MessageLog } from "../../lib/message-log.ts";
import { OperationLimits } from "../../lib/operation-limits.ts";
import { connectRedis } from "../../lib/redis.ts";
import type { DeliveryItem } from "../../lib/rpc/bucket.ts";
import type { ConnectRpc, Delivery } from "../../lib/rpc/connect.ts";
import { SnowflakeLease } from "../../lib/snowflake-lease.ts";
import type { TopicLayout } from "../../lib/topic.ts";
import { releaseTopics } from "../../lib/topic-release.ts";
import {
  type ConversationId,
  conversationParts,
  directConversation,
} from "../../schema/wire/conversation-id.ts";
import { ClientId, UserId } from "../../schema/wire/ids.ts";
import type { ServerEvent } from "../../schema/wire/socket.ts";
import { applyMigrations, overHttp } from "../../scripts/system/migrations.ts";
import type { Logic } from "../logic/context.ts";
import type { Task } from "./context.ts";

const SECRET = "a-secret-for-tests-only";

/** Logic and task on a real log, Redis and Postgres; connect is what the test says, and remembers what it was given. */
export type Spine = {
  logic: Logic;
  task: Task;
  /** Another task isolate, with a clock of its own. */
  otherTask: () => Task;
  deliveries: Delivery[];
  /** What buckets have got so far, with the events parsed. */
  pushed: () => PushedItem[];
  /** How any Kafka client reaches the log. */
  kafka: { url: string; username: string; password: string };
  /** The round trips made so far, by store. */
  roundTrips: () => Promise<{ kafka: number; redis: number; postgres: number }>;
  /** What the stores have done so far: requests, commands and statements, by name. */
  work: () => Promise<Counts>;
  /** People who are friends with their neighbour: 0 with 1, 2 with 3, and their conversations. */
  pairs: (count: number) => Promise<ConversationId[]>;
  settled: () => Promise<void>;
  close: () => Promise<void>;
};

type Counts = Record<string, number>;
type Stats = {
  kafka: { requests: Counts };
  redis: { requests: number; commands: Counts };
  postgres: { requests: number; statements: number };
};

/** One item of a delivery, with its events as a client would read them. */
type PushedItem = Omit<DeliveryItem, "events"> & { events: ServerEvent[] };

type Gateway = { process: ChildProcess; url: string };

/** Starts the spine on a new data folder; drains happen only when the test calls for them. */
export async function startSpine(layout: TopicLayout = "object"): Promise<Spine> {
  const dataDir = await mkdtemp(join(tmpdir(), "spine-"));
  const gateway = await startGateway(dataDir);
  const { redis, database } = storesOf(gateway);
  await applyMigrations(overHttp(database));
  const messageLog = new MessageLog(
    {
      UPSTASH_KAFKA_REST_URL: `${gateway.url}/kafka`,
      UPSTASH_KAFKA_REST_USERNAME: "spine",
      UPSTASH_KAFKA_REST_PASSWORD: SECRET,
      TOPIC_LAYOUT: layout,
    },
    "spine",
  );

  const background: Promise<unknown>[] = [];
  const inBackground = (work: Promise<unknown>) => void background.push(work.catch(() => {}));
  const deliveries: Delivery[] = [];
  const connect: ConnectRpc = {
    async deliver(delivery) {
      deliveries.push(delivery);
      return await releaseTopics(redis, delivery.owner, delivery.held);
    },
    registerAll: async () => ({ registered: 0, failed: [] }),
    health: async () => ({ ok: true, instances: [] }),
  };
  const idle = { drain: async () => {}, drainStatus: async () => {}, health: connect.health };
  const drainQueue: Task["drainQueue"] = {
    send: async () => ({ metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } }),
  };
  const newTask = (): Task => ({
    redis,
    database,
    messageLog,
    snowflakes: new SnowflakeLease(),
    connect,
    self: idle,
    drainQueue,
    media: { delete: async () => {} },
    retention: { RETENTION_DAYS: 0 },
    inBackground,
    log: new Log("task", { LOG_LEVEL: "error" }),
  });
  const logic: Logic = {
    limits: OperationLimits.parse({}),
    redis,
    database,
    messageLog,
    snowflakes: new SnowflakeLease(),
    task: idle,
    drainQueue,
    inBackground,
    log: new Log("logic", { LOG_LEVEL: "error" }),
  };

  return {
    logic,
    task: newTask(),
    otherTask: newTask,
    deliveries,
    pushed: () =>
      deliveries
        .flatMap(({ buckets }) => buckets.flatMap(({ items }) => items))
        .map(({ events, ...item }) => ({ ...item, events: events.map((event) => JSON.parse(event)) })),
    kafka: { url: `${gateway.url}/kafka`, username: "spine", password: SECRET },
    roundTrips: () => roundTrips(gateway),
    work: () => workOf(gateway),
    pairs: (count) => befriend(database, count),
    settled: async () => void (await Promise.all(background)),
    close: async () => {
      await endGateway(gateway);
      await rm(dataDir, { recursive: true });
    },
  };
}

/** The clients of Redis and Postgres through a gateway. */
export function storesOf({ url }: Gateway) {
  const redis = connectRedis({ UPSTASH_REDIS_REST_URL: `${url}/redis`, UPSTASH_REDIS_REST_TOKEN: SECRET });
  const database = connectDatabase({
    DATABASE_URL: `postgresql://edge:${SECRET}@localhost/edge`,
    NEON_HTTP_URL: `${url}/sql`,
  });
  return { redis, database };
}

/** Ends a gateway. */
export async function endGateway({ process }: Gateway): Promise<void> {
  process.kill();
  await once(process, "exit");
}

/** A text as somebody of a conversation sends it. */
export function textFrom(conversation: ConversationId, senderId: UserId, text: string) {
  const clientId = ClientId.parse(randomUUID());
  const frame = { op: "send" as const, conversation, clientId, content: { type: "text" as const, text } };
  return { userId: senderId, frame };
}

/** One of the two people of a direct conversation. */
export function personOf(conversation: ConversationId, index: 0 | 1): UserId {
  const parts = conversationParts(conversation);
  if (parts.kind === "group") throw new Error("not a direct conversation");
  return parts.users[index];
}

/** Starts a gateway, a program of its own, which says where it listens; `settings` are further ones. */
export async function startGateway(dataDir: string, settings: Record<string, string> = {}): Promise<Gateway> {
  const child = spawn(process.execPath, ["gateway/main.ts"], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...process.env,
      // Embedded stores, whatever the other tests run on.
      ...{ KAFKA_BROKERS: "", REDIS_URL: "", DATABASE_URL: "" },
      GATEWAY_PORT: "0",
      DATA_DIR: dataDir,
      KAFKA_REST_USERNAME: "spine",
      KAFKA_REST_PASSWORD: SECRET,
      REDIS_REST_TOKEN: SECRET,
      DATABASE_PASSWORD: SECRET,
      GATEWAY_STATS_TOKEN: SECRET,
      ...settings,
    },
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const { event, url } = JSON.parse(line) as { event: string; url?: string };
    if (event === "gateway listening" && url !== undefined) return { process: child, url };
  }
  throw new Error("the gateway ended before it listened");
}

async function roundTrips(gateway: Gateway): Promise<{ kafka: number; redis: number; postgres: number }> {
  const stats = await statsOf(gateway);
  const kafka = Object.values(stats.kafka.requests).reduce((sum, count) => sum + count, 0);
  return { kafka, redis: stats.redis.requests, postgres: stats.postgres.requests };
}

async function workOf(gateway: Gateway): Promise<Counts> {
  const { kafka, redis, postgres } = await statsOf(gateway);
  return {
    ...kafka.requests,
    ...redis.commands,
    redis: redis.requests,
    postgres: postgres.requests,
    statements: postgres.statements,
  };
}

async function statsOf(gateway: Gateway): Promise<Stats> {
  const response = await fetch(`${gateway.url}/stats`, { headers: { authorization: `Bearer ${SECRET}` } });
  return (await response.json()) as Stats;
}

let lastUser = 1_000_000n;

async function befriend(database: Task["database"], count: number): Promise<ConversationId[]> {
  const conversations: ConversationId[] = [];
  const userIds: UserId[] = [];
  for (let index = 0; index < count; index++) {
    const [a, b] = [nextUser(), nextUser()];
    userIds.push(a, b);
    conversations.push(directConversation(a, b));
  }
  const sql = database.$client;
  const firsts = userIds.filter((_, index) => index % 2 === 0);
  const seconds = userIds.filter((_, index) => index % 2 === 1);
  await sql.transaction([
    sql.query(
      `INSERT INTO users (id, username, username_folded, display_name, password_hash)
       SELECT id, id::text, id::text, id::text, '' FROM unnest($1::bigint[]) AS id`,
      [userIds],
    ),
    sql.query(
      `INSERT INTO friendships (user_id, friend_id)
       SELECT a, b FROM unnest($1::bigint[], $2::bigint[]) AS pair (a, b)
       UNION ALL SELECT b, a FROM unnest($1::bigint[], $2::bigint[]) AS pair (a, b)`,
      [firsts, seconds],
    ),
    sql.query("INSERT INTO conversations (id) SELECT unnest($1::text[])", [conversations]),
    sql.query(
      `INSERT INTO members (conversation, user_id, role)
       SELECT conversation, unnest(ARRAY[a, b]), 'member'
         FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS pair (conversation, a, b)`,
      [conversations, firsts, seconds],
    ),
  ]);
  return conversations;
}

function nextUser(): UserId {
  lastUser += 1n;
  return UserId.parse(lastUser.toString());
}
