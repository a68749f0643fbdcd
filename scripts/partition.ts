/** `npm run partition -- DAY …`: turns `messages` into partitions by time; see docs/operation.md before. */
import { partitionMessages } from "./partition/partition-messages.ts";
import { runProgram } from "./system/complaint.ts";
import { migrateExternal } from "./system/external-database.ts";
import { namedDatabase } from "./system/named-database.ts";

await runProgram(async () => {
  await migrateExternal(namedDatabase(), async (target) => {
    const names = await partitionMessages(target, process.argv.slice(2));
    console.log(`messages consists of ${names.join(", ")}.`);
    return { applied: names.length, fresh: false };
  });
});
