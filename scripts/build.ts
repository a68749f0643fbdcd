/** `npm run build`: what `npm run serve` runs, so that a start does not have to build it. */
import { serveBundles } from "./serve/bundles.ts";
import { runProgram } from "./system/complaint.ts";
import { ConsoleLog } from "./system/console-log.ts";
import { buildWebClient } from "./system/web-client.ts";

await runProgram(async () => {
  await buildWebClient(new ConsoleLog("info"), new AbortController().signal);
  await serveBundles("minified", { faults: false });
});
