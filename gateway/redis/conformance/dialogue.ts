import { expect } from "vitest";
import type { RedisServer } from "../../testing/redis-server.ts";

/** Returns the server that the tests of a suite share. */
export type ServerOf = () => RedisServer;

/** A command, as a string of words or as a list, and its reply: a value, an {@link error}, or a matcher of either. */
type Exchange = readonly [command: string | readonly (string | number)[], reply: unknown];

class ErrorReply {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

/** A reply that is an error with this text, or one that a matcher accepts. */
export function error(text: unknown): ErrorReply {
  return new ErrorReply(text);
}

export const WRONG_TYPE = error("WRONGTYPE Operation against a key holding the wrong kind of value");
export const NOT_INTEGER = error("ERR value is not an integer or out of range");
export const SYNTAX = error("ERR syntax error");

/** The error of a command with too few or too many arguments. */
export function wrongNumber(command: string): ErrorReply {
  return error(`ERR wrong number of arguments for '${command}' command`);
}

/** Sends the commands in one pipeline and expects their replies. */
export async function expectReplies(server: RedisServer, ...exchanges: readonly Exchange[]): Promise<void> {
  const commands = exchanges.map(([command]) => (typeof command === "string" ? command.split(" ") : command));
  const response = await server.request("/pipeline", commands);
  const outcomes: unknown = await response.json();
  expect(paired(commands, outcomes)).toEqual(
    paired(
      commands,
      exchanges.map(([, reply]) =>
        reply instanceof ErrorReply ? { error: reply.error } : { result: reply },
      ),
    ),
  );
}

/** Outcomes beside their commands, so that a failed test shows both. */
function paired(commands: readonly (readonly unknown[])[], outcomes: unknown): unknown {
  if (!Array.isArray(outcomes)) return outcomes;
  return outcomes.map((outcome, index) => [commands[index]?.join(" "), outcome]);
}
