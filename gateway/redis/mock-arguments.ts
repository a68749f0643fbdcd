import { COMMAND_RULES } from "./mock-commands.ts";

/** A command is refused before it runs, with Redis' own words. */
export class CommandRefused extends Error {
  override readonly name = "CommandRefused";
}

const INTEGER = /^-?\d{1,18}$/;
const EXPIRY = new Set(["EX", "PX", "EXAT", "PXAT"]);

/** Refuses a command that there is not, or with a number of arguments that it does not take. */
export function requireKnown(name: string, args: readonly string[]): void {
  const rule = COMMAND_RULES[name];
  if (rule === undefined) {
    throw new CommandRefused(
      `ERR unknown command '${name}', with args beginning with: ${args.slice(0, 3).join(" ")}`,
    );
  }
  if (args.length < rule.min || args.length > rule.max) {
    throw new CommandRefused(`ERR wrong number of arguments for '${name}' command`);
  }
}

/**
 * Brings arguments into the one form that ioredis-mock understands: options in capitals and in its order. Refuses what
 * Redis would refuse and ioredis-mock would store as nonsense.
 */
export function mockArguments(name: string, args: readonly string[]): string[] {
  switch (name) {
    case "set":
      return setArguments(args);
    case "setex":
    case "psetex":
      positive(name, args[1]);
      return [...args];
    case "incrby":
    case "decrby":
      integers(args.slice(1));
      return [...args];
    case "hincrby":
      integers(args.slice(2));
      return [...args];
    case "expire":
    case "pexpire":
    case "expireat":
    case "pexpireat":
    case "lindex":
    case "lrange":
    case "ltrim":
      integers(args.slice(1));
      return [...args];
    case "zadd":
      return sortedSetArguments(args);
    case "linsert":
    case "lmove":
      return upperCased(args, POSITIONS);
    default:
      return [...args];
  }
}

const POSITIONS = new Set(["BEFORE", "AFTER", "LEFT", "RIGHT"]);

/** Raises the case of option words; keys and values come in the same places only in commands where this is not used. */
function upperCased(args: readonly string[], words: ReadonlySet<string>): string[] {
  return args.map((arg, index) => (index > 0 && words.has(arg.toUpperCase()) ? arg.toUpperCase() : arg));
}

function setArguments([key = "", value = "", ...options]: readonly string[]): string[] {
  const flags = new Set<string>();
  let expiry: string[] = [];
  for (let index = 0; index < options.length; index += 1) {
    const word = options[index]?.toUpperCase() ?? "";
    if (EXPIRY.has(word) && expiry.length === 0) {
      index += 1;
      expiry = [word, positive("set", options[index])];
    } else if (word === "NX" || word === "XX" || word === "GET") flags.add(word);
    else throw new CommandRefused("ERR syntax error");
  }
  if (flags.has("NX") && flags.has("XX")) throw new CommandRefused("ERR syntax error");
  // ioredis-mock reads options in pairs: the pair has to come first.
  return [key, value, ...expiry, ...flags];
}

function sortedSetArguments([key = "", ...rest]: readonly string[]): string[] {
  const first = rest.findIndex((arg) => !["NX", "XX", "CH"].includes(arg.toUpperCase()));
  const pairs = rest.slice(first);
  if (first < 0 || pairs.length % 2 !== 0) throw new CommandRefused("ERR syntax error");
  pairs.forEach((score, index) => {
    if (index % 2 === 0 && Number.isNaN(scoreOf(score)))
      throw new CommandRefused("ERR value is not a valid float");
  });
  return [key, ...rest.slice(0, first).map((option) => option.toUpperCase()), ...pairs];
}

function scoreOf(text: string): number {
  if (/^[+-]?inf(inity)?$/i.test(text)) return Number.POSITIVE_INFINITY;
  return text.trim() === "" ? Number.NaN : Number(text);
}

function integers(args: readonly string[]): void {
  for (const arg of args) {
    if (!INTEGER.test(arg)) throw new CommandRefused("ERR value is not an integer or out of range");
  }
}

function positive(name: string, arg = ""): string {
  integers([arg]);
  if (Number(arg) <= 0) throw new CommandRefused(`ERR invalid expire time in '${name}' command`);
  return arg;
}
