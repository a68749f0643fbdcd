/** `npm run faults`: breaks the running system in many ways, and checks that nothing is lost, doubled, reordered or leaked. */
import { parseArgs } from "node:util";
import { z } from "zod";
import { runFaults } from "./run.ts";

const HELP = `npm run faults -- [flags]

  --seed N      the first seed (1)
  --runs N      how many seeds, one after the other (1)
  --minutes M   how long each run breaks things (1)`;

const Flags = z.object({
  help: z.boolean(),
  seed: z.coerce
    .number()
    .int()
    .min(0)
    .max(2 ** 31 - 1),
  runs: z.coerce.number().int().min(1),
  minutes: z.coerce.number().positive(),
});

const { values } = parseArgs({
  options: {
    help: { type: "boolean", default: false },
    seed: { type: "string", default: "1" },
    runs: { type: "string", default: "1" },
    minutes: { type: "string", default: "1" },
  },
});
const EXIT_VIOLATED = 1;
const EXIT_BAD_FLAG = 2;
const EXIT_INTERRUPTED = 130;

const over = new AbortController();
// With `on`, not `once`: without a listener, execa would end this process before its children.
process.on("SIGINT", () => over.abort());
process.on("SIGTERM", () => over.abort());

const flags = Flags.safeParse(values);
if (!flags.success) {
  console.error(`${z.prettifyError(flags.error)}\n\n${HELP}`);
  process.exitCode = EXIT_BAD_FLAG;
} else if (flags.data.help) console.log(HELP);
else {
  try {
    process.exitCode = await runSeeds(flags.data);
  } catch (error) {
    if (!over.signal.aborted) throw error;
    // The people of the run would go on trying.
    process.exit(EXIT_INTERRUPTED);
  }
}

/** Runs one seed after the other; returns the exit code. */
async function runSeeds({ seed: first, runs, minutes }: z.infer<typeof Flags>): Promise<number> {
  let broken = 0;
  for (let seed = first; seed < first + runs; seed++) {
    const say = (what: string) => console.error(`seed ${seed}: ${what}`);
    const run = runFaults(seed, minutes * 60_000, say, over.signal);
    const { accepted, faults, violations } = await run;
    for (const { kind, what } of violations) console.log(`seed ${seed}: ${kind}: ${what}`);
    console.log(
      `seed ${seed}: ${accepted} operations accepted, ${faults.length} faults, ${violations.length} violations`,
    );
    broken += violations.length;
  }
  return broken === 0 ? 0 : EXIT_VIOLATED;
}
