/** `npm run migrate`: migrates the database at DATABASE_URL, also while systems use it. */
import { z } from "zod";
import { postgresStore, postgresVariables } from "../gateway/postgres/settings.ts";
import { BAD_SETTING, Complaint, runProgram } from "./system/complaint.ts";
import { migrateExternal } from "./system/external-database.ts";

await runProgram(async () => {
  const settings = z.object(postgresVariables).safeParse(process.env);
  if (!settings.success) {
    const faults = settings.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`);
    throw new Complaint(faults.join("\n"), BAD_SETTING);
  }
  const store = postgresStore(settings.data);
  if (store === undefined) {
    throw new Complaint(
      "DATABASE_URL is required. npm start migrates the embedded database itself.",
      BAD_SETTING,
    );
  }
  const { applied } = await migrateExternal(store);
  console.log(applied === 0 ? "The database is up to date." : `Applied ${applied} migration(s).`);
});
