import { isIP } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { BytesCommand, outcomeOf } from "./bytes-command.ts";
import { type Ask, prepareServer } from "./preparation.ts";
import type { RedisStore } from "./settings.ts";
import { describeFailure, silence, Unusable } from "./unusable.ts";

/** How long a connection may take until it is prepared, in milliseconds. */
const CONNECT_MS = 5_000;
/** How long a server may take to take leave of a connection that is dropped, in milliseconds. */
const DROP_MS = 100;

/** A connection to Redis that is ready for commands. It never reconnects: a lost one fails all that it has not replied to. */
export interface Connection {
  /** Sends the commands in one write; each settles by itself. */
  send(commands: readonly BytesCommand[]): void;
  /** Resolves when the connection is lost or closed. */
  readonly lost: Promise<void>;
  /** Drops the connection at once. */
  drop(): void;
}

/**
 * Connects, authenticates, chooses the database and checks that this Redis can be used. Throws an {@link Unusable} with the
 * reason otherwise.
 */
export async function connect(store: RedisStore, ca: string | undefined): Promise<Connection> {
  const redis = new Redis({
    host: store.host,
    port: store.port,
    // With a user name always: Redis then accepts a password although none is needed.
    ...(store.password !== undefined && { username: store.user ?? "default", password: store.password }),
    ...(store.tls !== undefined && {
      tls: { ...(isIP(store.host) === 0 && { servername: store.host }), ...(ca !== undefined && { ca }) },
    }),
    // Replies as Upstash has them.
    protocol: 2,
    stringNumbers: true,
    connectionName: "gateway",
    disableClientInfo: true,
    connectTimeout: CONNECT_MS,
    disconnectTimeout: DROP_MS,
    lazyConnect: true,
    enableReadyCheck: false,
    // Nothing is sent twice, and nothing waits in ioredis.
    retryStrategy: null,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
  });
  let failure: unknown;
  redis.on("error", (error) => {
    failure ??= error;
  });
  const lost = new Promise<void>((resolve) => redis.once("end", () => resolve()));
  const connection: Connection = {
    lost,
    drop: () => redis.disconnect(),
    send: (commands) => {
      redis.stream.cork();
      for (const command of commands) redis.sendCommand(command);
      redis.stream.uncork();
    },
  };
  const timer = new AbortController();
  try {
    await Promise.race([
      redis.connect().then(() => prepareServer(asker(connection), store)),
      sleep(CONNECT_MS, undefined, { signal: timer.signal }).then(() => {
        throw silence(store);
      }),
    ]);
    return connection;
  } catch (error) {
    connection.drop();
    throw error instanceof Unusable ? error : describeFailure(failure ?? error, store);
  } finally {
    timer.abort();
  }
}

function asker(connection: Connection): Ask {
  return async (command) => {
    const sent = new BytesCommand(command);
    connection.send([sent]);
    return outcomeOf(await sent.reply());
  };
}
