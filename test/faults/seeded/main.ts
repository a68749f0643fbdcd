/** `npm run faults`: breaks the running system in many ways, and checks that nothing is lost, doubled, reordered or leaked. */
import { parseArgs } from "node:util";
import { runFaults } from "./run.ts";

const HELP = `npm run faults -- [flags]

  --seed N      the first seed (1)
  --runs N      how many seeds, one after the other (1)
  --minutes M   how long each run breaks things (1)`;

const { values } = parseArgs({
  options: {
    help: { type: "boolean", default: false },
    seed: { type: "string", default: "1" },
    runs: { type: "string", default: "1" },
    minutes: { type: "string", default: "1" },
  },
});
if (values.help) console.log(HELP);
else {
  let broken = 0;
  const first = Number(values.seed);
  for (let seed = first; seed < first + Number(values.runs); seed++) {
    const { accepted, faults, violations } = await runFaults(seed, Number(values.minutes) * 60_000, (what) =>
      console.error(`seed ${seed}: ${what}`),
    );
    for (const { kind, what } of violations) console.log(`seed ${seed}: ${kind}: ${what}`);
    console.log(
      `seed ${seed}: ${accepted} operations accepted, ${faults.length} faults, ${violations.length} violations`,
    );
    broken += violations.length;
  }
  process.exitCode = broken === 0 ? 0 : 1;
}
