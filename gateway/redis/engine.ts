/** A command as Redis takes it: its name and its arguments. Every string is bytes, as in `bytes.ts`. */
export type Command = readonly [name: string, ...args: string[]];

/** A command's reply. A status is a string; an integer that a number cannot hold exactly is a bigint. */
export type Reply = string | number | bigint | null | readonly Reply[];

/** What became of one command. */
export type Outcome = { readonly result: Reply } | { readonly error: string };

/** A request that was refused as a whole, with Redis' own words. */
export class RedisRequestError extends Error {
  override readonly name = "RedisRequestError";
}

/** What the protocol needs of a Redis. */
export interface RedisEngine {
  /** Runs the commands in order. Each has its own outcome; others may run in between. */
  pipeline(commands: readonly Command[]): Promise<readonly Outcome[]>;
  /**
   * Runs the commands in order with nothing in between. A command that Redis would not even queue makes it refuse
   * them all with a {@link RedisRequestError}; one that fails while it runs does not undo the others.
   */
  transaction(commands: readonly Command[]): Promise<readonly Outcome[]>;
  /** Resolves when Redis replies. */
  ping(): Promise<void>;
  /** Releases what the engine holds: timers, connections. */
  close(): Promise<void>;
}
