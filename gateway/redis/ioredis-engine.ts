import { readFile } from "node:fs/promises";
import { StartError } from "../start-error.ts";
import { textOf } from "./bytes.ts";
import { BytesCommand, isReplyError, outcomeOf } from "./bytes-command.ts";
import { type Connection, connect } from "./connection.ts";
import {
  type Command,
  type Outcome,
  type RedisEngine,
  RedisRequestError,
  RedisUnavailable,
} from "./engine.ts";
import { Link } from "./link.ts";
import type { RedisStore } from "./settings.ts";
import { refusalOf } from "./shared-connection.ts";
import { Unusable } from "./unusable.ts";
import { UpstashScripts } from "./upstash-scripts.ts";

/** The limits of one gateway's use of Redis. */
export interface RedisLimits {
  /** The most requests that wait for a connection or a reply; further ones are refused at once. */
  readonly requests: number;
  /** The most bytes of such requests. */
  readonly bytes: number;
  /** The longest wait of a request for a connection, in milliseconds. */
  readonly connectionMs: number;
  /** The longest wait of a request for its replies, in milliseconds. */
  readonly replyMs: number;
}

const LIMITS: RedisLimits = {
  requests: 10_000,
  bytes: 128 * 1024 * 1024,
  connectionMs: 5_000,
  replyMs: 10_000,
};

/** Connects to a Redis. Throws a {@link StartError} when it cannot be used. */
export async function openRedis(store: RedisStore, limits: Partial<RedisLimits> = {}): Promise<RedisEngine> {
  const ca = await readCa(store.tls?.caFile);
  const open = () => connect(store, ca);
  try {
    return new IoRedisEngine(new Link(await open(), open), { ...LIMITS, ...limits });
  } catch (error) {
    if (error instanceof Unusable) throw new StartError(`REDIS_URL cannot be used: ${error.message}`);
    throw error;
  }
}

async function readCa(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  try {
    return await readFile(file, "utf8");
  } catch {
    throw new StartError(`REDIS_CA_FILE names the file ${file}, which cannot be read`);
  }
}

/**
 * A Redis server, over one connection that all requests share. A request whose connection is lost fails, because it is
 * unknown what Redis has done of it; none is sent twice. While there is no connection, requests wait a while for the next.
 */
class IoRedisEngine implements RedisEngine {
  readonly #link: Link;
  readonly #limits: RedisLimits;
  readonly #scripts = new UpstashScripts();
  #requests = 0;
  #bytes = 0;

  constructor(link: Link, limits: RedisLimits) {
    this.#link = link;
    this.#limits = limits;
  }

  async pipeline(commands: readonly Command[]): Promise<readonly Outcome[]> {
    const refusals = commands.map(refusalOf);
    const replies = await this.#exchange(commands.filter((_, index) => refusals[index] === undefined));
    let next = 0;
    return refusals.map((error, index) =>
      error === undefined ? this.#outcome(commands[index], replies[next++]) : { error },
    );
  }

  async transaction(commands: readonly Command[]): Promise<readonly Outcome[]> {
    const refusal = commands.map(refusalOf).find((error) => error !== undefined);
    if (refusal !== undefined) throw aborted(textOf(refusal));
    const replies = await this.#exchange([["MULTI"], ...commands, ["EXEC"]]);
    const executed = replies.at(-1);
    if (Array.isArray(executed)) return executed.map((reply, index) => this.#outcome(commands[index], reply));
    throw aborted(replies.find(isReplyError)?.message ?? "");
  }

  queues(): Readonly<Record<string, number>> {
    return { requests: this.#requests, request_bytes: this.#bytes };
  }

  async ping(): Promise<void> {
    const [reply] = await this.#exchange([["PING"]]);
    if (isReplyError(reply)) throw reply;
  }

  async close(): Promise<void> {
    await this.#link.close();
  }

  #outcome(command: Command | undefined, reply: unknown): Outcome {
    const outcome = outcomeOf(reply);
    return command === undefined ? outcome : this.#scripts.forClient(command, outcome);
  }

  /** Sends the commands together; resolves with a raw reply for each. */
  async #exchange(commands: readonly Command[]): Promise<readonly unknown[]> {
    if (commands.length === 0) return [];
    const sent = commands.map((command) => new BytesCommand(this.#scripts.forRedis(command)));
    const bytes = sent.reduce((sum, command) => sum + command.bytes, 0);
    if (this.#requests >= this.#limits.requests || this.#bytes + bytes > this.#limits.bytes) {
      throw new RedisUnavailable("ERR too many requests wait for Redis");
    }
    this.#requests += 1;
    this.#bytes += bytes;
    try {
      const connection = await this.#link.connection(this.#limits.connectionMs);
      return await this.#repliesTo(sent, connection);
    } finally {
      this.#requests -= 1;
      this.#bytes -= bytes;
    }
  }

  async #repliesTo(commands: readonly BytesCommand[], connection: Connection): Promise<readonly unknown[]> {
    connection.send(commands);
    // A server that does not reply to one request does not reply to the others either.
    const late = setTimeout(() => connection.drop(), this.#limits.replyMs);
    try {
      const replies = await Promise.all(commands.map((command) => command.reply()));
      // A primary that has become a replica: the next connection finds the new one.
      if (replies.some((reply) => isReplyError(reply) && reply.message.startsWith("READONLY")))
        connection.drop();
      return replies;
    } catch {
      throw new RedisUnavailable("ERR Redis has not replied: it is unknown whether the commands ran");
    } finally {
      clearTimeout(late);
    }
  }
}

function aborted(reason: string): RedisRequestError {
  return new RedisRequestError(`EXECABORT Transaction discarded because of previous errors. ${reason}`);
}
