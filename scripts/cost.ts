/** `npm run cost`: what a million messages cost at list prices, by the operations that the benchmark has counted. */
import { parseArgs } from "node:util";
import { z } from "zod";
import { costTable, priceTable } from "./cost/cost-table.ts";
import { COUNTED } from "./cost/counted.ts";
import { readLoads } from "./cost/load.ts";
import { BAD_SETTING, Complaint, runProgram } from "./system/complaint.ts";

const HELP = `npm run cost -- [--json FILE | --prices]

  --json FILE  a report of npm run bench -- --json FILE; without, what was counted on ${COUNTED.date}
  --prices     the list prices, with their sources and days`;

const { values: flags } = parseArgs({
  options: {
    json: { type: "string" },
    prices: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

await runProgram(async () => {
  if (flags.help) console.log(HELP);
  else if (flags.prices) console.log(priceTable());
  else console.log(flags.json === undefined ? costTable(COUNTED.loads) : await costOf(flags.json));
});

async function costOf(file: string): Promise<string> {
  try {
    return costTable(await readLoads(file));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new Complaint(`${file} is not a report of npm run bench -- --json: ${why}`, BAD_SETTING);
  }
}
