import type { Keyspace } from "./keyspace.ts";

/** A reply such as OK, which scripts see as `{ok = …}`. */
export class Status {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export const OK = new Status("OK");

/** What a command replies with on the store. */
export type StoreReply = string | number | bigint | null | Status | readonly StoreReply[];

/** Why a command was refused or failed, in Redis' own words. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}

/** The error of options that contradict each other or are none. */
export function syntaxError(): CommandError {
  return new CommandError("ERR syntax error");
}

/** The work of a command. It is only called with a number of arguments that the command takes. */
export type Run = (store: Keyspace, ...args: string[]) => StoreReply;

/** A command: the fewest and the most arguments that it takes, whether it may change a key, and its work. */
export interface CommandSpec {
  readonly fewest: number;
  readonly most: number;
  readonly writes: boolean;
  /** Whether a script may call it. */
  readonly inScripts: boolean;
  readonly run: Run;
}

/** Commands by their names, in capitals. */
export type Commands = Readonly<Record<string, CommandSpec>>;

export const MANY = Number.POSITIVE_INFINITY;

type Arity = number | readonly [fewest: number, most: number];

/** A command that changes nothing. */
export function reads(arity: Arity, run: Run): CommandSpec {
  const [fewest, most] = typeof arity === "number" ? [arity, arity] : arity;
  return { fewest, most, writes: false, inScripts: true, run };
}

/** A command that may change keys. */
export function writes(arity: Arity, run: Run): CommandSpec {
  return { ...reads(arity, run), writes: true };
}

/** Which options a command has. */
export interface Grammar<Name extends string> {
  /** By option, how many arguments follow it. */
  readonly words: Readonly<Record<Name, number>>;
  /** Options of which a command takes one at most. */
  readonly exclusive?: readonly (readonly NoInfer<Name>[])[];
}

/** The options that were given, with the arguments of each. */
export interface Options<Name extends string> {
  readonly size: number;
  has(name: Name): boolean;
  get(name: Name): readonly string[] | undefined;
}

/** The work of a command whose arguments after the first few are options. */
export function withOptions<Name extends string>(
  fixed: number,
  grammar: Grammar<Name>,
  run: (store: Keyspace, options: Options<Name>, ...args: string[]) => StoreReply,
): Run {
  return (store, ...args) => run(store, parseOptions(args.slice(fixed), grammar), ...args.slice(0, fixed));
}

/** Takes options apart, in whatever case they come; an error for what is none, and for two that exclude each other. */
export function parseOptions<Name extends string>(
  args: readonly string[],
  { words, exclusive = [] }: Grammar<Name>,
): Options<Name> {
  const options = new Map<Name, readonly string[]>();
  for (let index = 0; index < args.length; ) {
    const name = optionNamed(args[index], words);
    if (name === undefined) throw syntaxError();
    const values = args.slice(index + 1, index + 1 + words[name]);
    if (values.length < words[name]) throw syntaxError();
    options.set(name, values);
    index += 1 + words[name];
  }
  if (exclusive.some((group) => group.filter((name) => options.has(name)).length > 1)) throw syntaxError();
  return options;
}

/** The option that a word stands for, if any. */
export function optionNamed<Name extends string>(
  word: string | undefined,
  words: Readonly<Record<Name, number>>,
): Name | undefined {
  const name = word?.toUpperCase();
  for (const option in words) if (option === name) return option;
  return undefined;
}
