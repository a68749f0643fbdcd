/** A command: its name and its arguments. Every string is bytes, as in `bytes.ts`. */
export type Command = readonly [name: string, ...args: string[]];

/** A command's reply. A status is a string; an integer that a number cannot hold exactly is a bigint. */
export type Reply = string | number | bigint | null | readonly Reply[];

/** The outcome of one command. */
export type Outcome = { readonly result: Reply } | { readonly error: string };

/** A request that was refused as a whole. The message is that of Redis. */
export class RedisRequestError extends Error {
  override readonly name = "RedisRequestError";
}

/** Redis could not be reached, or did not reply. The message is for the client. */
export class RedisUnavailable extends Error {
  override readonly name = "RedisUnavailable";
}

/** The Redis that the protocol serves. Every method rejects with a {@link RedisUnavailable} when there is no reply. */
export interface RedisEngine {
  /** Runs the commands in order. Each has its own outcome; commands of other requests may run in between. */
  pipeline(commands: readonly Command[]): Promise<readonly Outcome[]>;
  /**
   * Runs the commands in order with no others in between. Throws a {@link RedisRequestError} and runs none when one is
   * unknown or has a wrong number of arguments; a command that fails while it runs does not undo the others.
   */
  transaction(commands: readonly Command[]): Promise<readonly Outcome[]>;
  /** How many commands wait, by what they wait for. */
  queues(): Readonly<Record<string, number>>;
  /** Resolves when Redis replies. */
  ping(): Promise<void>;
  /** Stops timers and closes connections. */
  close(): Promise<void>;
}
