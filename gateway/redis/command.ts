import type { Keyspace } from "./keyspace.ts";

/** A reply such as OK, which scripts see as `{ok = …}`. */
export class Status {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export const OK = new Status("OK");

/** The reply of a command. */
export type StoreReply = string | number | bigint | null | Status | readonly StoreReply[];

/** A command was refused or failed. The message is that of Redis. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}

/** The error of unknown or contradictory options. */
export function syntaxError(): CommandError {
  return new CommandError("ERR syntax error");
}

/** A command: the fewest and the most arguments that it takes, whether it may change a key, and its implementation. */
export interface CommandSpec {
  readonly fewest: number;
  readonly most: number;
  readonly writes: boolean;
  /** Whether a script may call it. */
  readonly inScripts: boolean;
  /** Must be called with `fewest` to `most` arguments. */
  readonly run: (store: Keyspace, args: readonly string[]) => StoreReply;
}

/** Commands by their names in upper case. */
export type Commands = Readonly<Record<string, CommandSpec>>;

/** The number of arguments that a command takes: an exact number, a range, or a minimum with `"more"`. */
type Arity = keyof Exactly | readonly [fewest: keyof Exactly, most: number | "more"];

interface Exactly {
  0: [];
  1: [string];
  2: [string, string];
  3: [string, string, string];
  4: [string, string, string, string];
}

/** The arguments of a command of that arity. */
type Args<A extends Arity> = A extends keyof Exactly
  ? Exactly[A]
  : A extends readonly [infer Fewest extends keyof Exactly, unknown]
    ? [...Exactly[Fewest], ...string[]]
    : never;

/** The implementation of a command of that arity. */
export type Run<A extends Arity> = (store: Keyspace, args: Args<A>) => StoreReply;

/** A command that changes nothing. */
export function reads<const A extends Arity>(arity: A, run: Run<A>): CommandSpec {
  return { ...limits(arity), writes: false, inScripts: true, run: asGiven(run) };
}

/** A command that may change keys. */
export function writes<const A extends Arity>(arity: A, run: Run<A>): CommandSpec {
  return { ...limits(arity), writes: true, inScripts: true, run: asGiven(run) };
}

function limits(arity: Arity): { readonly fewest: number; readonly most: number } {
  const [fewest, most] = typeof arity === "object" ? arity : [arity, arity];
  return { fewest, most: most === "more" ? Number.POSITIVE_INFINITY : most };
}

/** The cast is safe: `run` of a {@link CommandSpec} is called only after the number of arguments was checked. */
function asGiven<A extends Arity>(run: Run<A>): CommandSpec["run"] {
  return (store, args) => run(store, args as Args<A>);
}

/** The options that a command accepts. */
export interface Grammar<Name extends string> {
  /** The number of arguments that follow each option. */
  readonly words: Readonly<Record<Name, number>>;
  /** Groups of options that exclude each other. */
  readonly exclusive?: readonly (readonly NoInfer<Name>[])[];
}

/** The options that were given, with the arguments of each. */
export interface Options<Name extends string> {
  readonly size: number;
  has(name: Name): boolean;
  get(name: Name): readonly string[] | undefined;
}

/** The implementation of a command whose arguments after the first `fixed` ones are options. */
export function withOptions<const Fixed extends keyof Exactly, Name extends string>(
  fixed: Fixed,
  grammar: Grammar<Name>,
  run: (store: Keyspace, options: Options<Name>, args: Exactly[Fixed]) => StoreReply,
): Run<readonly [Fixed, "more"]> {
  return (store, args) => {
    const given: readonly string[] = args;
    return run(store, parseOptions(given.slice(fixed), grammar), given.slice(0, fixed) as Exactly[Fixed]);
  };
}

/** Parses options, in upper or lower case. Throws for an unknown option and for two that exclude each other. */
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

/** The option that a word names, in upper or lower case; undefined when there is none. */
export function optionNamed<Name extends string>(
  word: string | undefined,
  words: Readonly<Record<Name, number>>,
): Name | undefined {
  const name = word?.toUpperCase();
  for (const option in words) if (option === name) return option;
  return undefined;
}
