/** `npm run migrate`: migrates the database at DATABASE_URL, also while systems use it. */
import { runProgram } from "./system/complaint.ts";
import { migrateExternal } from "./system/external-database.ts";
import { namedDatabase } from "./system/named-database.ts";

await runProgram(async () => {
  const store = namedDatabase("npm start migrates the embedded database itself.");
  const { applied } = await migrateExternal(store);
  console.log(applied === 0 ? "The database is up to date." : `Applied ${applied} migration(s).`);
});
