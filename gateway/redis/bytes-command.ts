import { Command as IoCommand } from "ioredis";
import { bytesOf } from "./bytes.ts";
import type { Command, Outcome, Reply } from "./engine.ts";

/** A command of ioredis with arguments and a reply in bytes, neither of which ioredis changes. */
export class BytesCommand extends IoCommand {
  readonly #request: Buffer;

  constructor(command: Command) {
    // Without the arguments: ioredis would encode them as UTF-8 and rearrange those of some commands.
    super(command[0]);
    const parts = command.map((part) => `$${part.length}\r\n${part}\r\n`);
    this.#request = Buffer.from(`*${command.length}\r\n${parts.join("")}`, "latin1");
  }

  /** The size of the request. */
  get bytes(): number {
    return this.#request.length;
  }

  override toWritable(): Buffer {
    return this.#request;
  }

  override transformReply(reply: Buffer | Buffer[]): Buffer | Buffer[] {
    return reply;
  }

  /** The raw reply of Redis, which may be an error. Rejects when there is none. */
  async reply(): Promise<unknown> {
    try {
      return await this.promise;
    } catch (error) {
      if (isReplyError(error)) return error;
      throw error;
    }
  }
}

/** The outcome of a command, from its raw reply. */
export function outcomeOf(reply: unknown): Outcome {
  return isReplyError(reply) ? { error: bytesOf(reply.message) } : { result: replyOf(reply) };
}

/** ioredis has strings as buffers, and, with `stringNumbers`, integers as strings. */
function replyOf(value: unknown): Reply {
  if (value === null) return null;
  if (Buffer.isBuffer(value)) return value.toString("latin1");
  if (typeof value === "string") return integer(value);
  if (Array.isArray(value)) return value.map(replyOf);
  if (isReplyError(value)) return bytesOf(value.message);
  throw new TypeError(`Redis replied with a ${typeof value}`);
}

function integer(digits: string): number | bigint {
  const number = Number(digits);
  return Number.isSafeInteger(number) ? number : BigInt(digits);
}

/** Whether Redis has replied with this error, in contrast to one of the connection. */
export function isReplyError(error: unknown): error is Error {
  return error instanceof Error && error.name === "ReplyError";
}
