import { parseArgs } from "node:util";

/** The parts of the benchmark, in the order in which they run. */
const PARTS = ["ceiling", "idle", "pairs", "group", "batch", "where", "search"] as const;
export type Part = (typeof PARTS)[number];

/** The flags of the command line. */
export type Flags = {
  help: boolean;
  runs: number;
  only: readonly Part[];
  seconds: number;
  /** The number of rounds that only check the load, instead of measuring; 0 for the benchmark itself. */
  soak: number;
  /** Whether `npm run serve` is measured, too. */
  serve: boolean;
  /** Whether the sockets offer compression, as browsers do. */
  deflate: boolean;
  json: string | undefined;
};

/** A flag is unknown or has an invalid value. */
export class BadFlag extends Error {
  override readonly name = "BadFlag";
}

export const HELP = `npm run bench -- [flags]

  --runs N            repeat everything, and print medians with the least and the most (1)
  --only PART,...     of ${PARTS.join(", ")} (all but search)
  --seconds S         how long each load lasts (10)
  --soak N            in the place of all that: 50 pairs and a group of 100 at once, N times in a row, only checked
  --serve             measure npm run serve, too, with one and two connect processes
  --deflate           have the sockets offer compression, as browsers do
  --json FILE         write every figure of every run there, too`;

/** Parses the command line; throws a {@link BadFlag} that names the invalid flag. */
export function readFlags(args: readonly string[]): Flags {
  const { values } = parse(args);
  return {
    help: values.help,
    runs: whole("--runs", values.runs),
    only: values.only === undefined ? PARTS.filter((part) => part !== "search") : parts(values.only),
    seconds: whole("--seconds", values.seconds),
    soak: values.soak === undefined ? 0 : whole("--soak", values.soak),
    serve: values.serve,
    deflate: values.deflate,
    json: values.json,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        help: { type: "boolean", default: false },
        runs: { type: "string", default: "1" },
        only: { type: "string" },
        seconds: { type: "string", default: "10" },
        soak: { type: "string" },
        serve: { type: "boolean", default: false },
        deflate: { type: "boolean", default: false },
        json: { type: "string" },
      },
    });
  } catch (error) {
    throw new BadFlag(error instanceof Error ? error.message : String(error));
  }
}

function whole(flag: string, text: string): number {
  if (!/^[1-9][0-9]{0,3}$/.test(text)) throw new BadFlag(`${flag} must be a whole number from 1 to 9999`);
  return Number(text);
}

function parts(list: string): Part[] {
  const names = list.split(",");
  const unknown = names.find((name) => !PARTS.some((part) => part === name));
  if (unknown !== undefined)
    throw new BadFlag(`--only has an unknown part ${unknown}: the parts are ${PARTS.join(", ")}`);
  return PARTS.filter((part) => names.includes(part));
}
