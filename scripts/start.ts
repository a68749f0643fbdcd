/** `npm start`: the whole system with one command, until Ctrl-C. */
import { serve } from "./serve/run.ts";
import { allInOne } from "./serve/settings.ts";
import { runProgram } from "./system/complaint.ts";
import { describeSettings, readSettings } from "./system/settings.ts";

await runProgram(async () => {
  if (process.argv.includes("--help")) console.log(describeSettings());
  else await serve(allInOne(readSettings(process.env)), "readable");
});
