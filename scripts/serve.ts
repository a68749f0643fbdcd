/** `npm run serve`: the system in production, or the part of it that this machine runs. */
import { serve } from "./serve/run.ts";
import { readServeSettings, SERVE_SHAPE } from "./serve/settings.ts";
import { runProgram } from "./system/complaint.ts";
import { describeSettings } from "./system/settings.ts";

await runProgram(async () => {
  if (process.argv.includes("--help")) console.log(describeSettings(SERVE_SHAPE));
  else await serve(readServeSettings(process.env), "minified");
});
