import { CommandError, type Options } from "./command.ts";
import type { Keyspace } from "./keyspace.ts";
import { integer } from "./numbers.ts";

/** The options of SET and GETEX for an expiry: from now or since the epoch, in seconds or milliseconds. */
export const EXPIRY = { EX: 1, PX: 1, EXAT: 1, PXAT: 1 } as const;

type ExpiryName = keyof typeof EXPIRY;

const UNIT: Readonly<Record<ExpiryName, bigint>> = { EX: 1000n, PX: 1n, EXAT: 1000n, PXAT: 1n };
const MAX_MS = 2n ** 63n - 1n;

/** The options for an expiry, and one further option that excludes them. */
export function expiryOr<Name extends string>(other: Name): readonly (ExpiryName | Name)[] {
  return ["EX", "PX", "EXAT", "PXAT", other];
}

/** The expiry in the options of a command, in milliseconds since the epoch. Throws for a time that is not positive. */
export function givenExpiry(
  store: Keyspace,
  command: string,
  options: Options<ExpiryName>,
): number | undefined {
  for (const name of Object.keys(UNIT) as ExpiryName[]) {
    const text = options.get(name)?.[0];
    if (text !== undefined) return positiveExpiry(store, command, name, text);
  }
  return undefined;
}

/** The expiry of one option. Throws for a time that is not positive. */
export function positiveExpiry(store: Keyspace, command: string, name: ExpiryName, text: string): number {
  if (integer(text) <= 0n) throw invalidExpiry(command);
  return expiryAt(store, command, name, text);
}

/** An expiry in milliseconds since the epoch; it may be in the past. */
export function expiryAt(store: Keyspace, command: string, name: ExpiryName, text: string): number {
  const from = name === "EXAT" || name === "PXAT" ? 0n : BigInt(store.now);
  const at = integer(text) * UNIT[name] + from;
  if (at > MAX_MS || at < -MAX_MS) throw invalidExpiry(command);
  return Number(at);
}

function invalidExpiry(command: string): CommandError {
  return new CommandError(`ERR invalid expire time in '${command}' command`);
}
