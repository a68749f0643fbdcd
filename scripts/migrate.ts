/** Brings the database that DATABASE_URL names (and NEON_HTTP_URL, when it is not Neon's own) up to date. */
import { connectDatabase, DatabaseSettings } from "../lib/database.ts";
import { BAD_SETTING, Complaint, runProgram } from "./system/complaint.ts";
import { applyMigrations } from "./system/migrations.ts";

await runProgram(async () => {
  const settings = DatabaseSettings.safeParse(process.env);
  if (!settings.success) {
    const names = settings.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
    throw new Complaint(
      `${names.join("\n")}\nnpm start migrates the embedded database by itself.`,
      BAD_SETTING,
    );
  }
  const { applied } = await applyMigrations(connectDatabase(settings.data));
  console.log(applied === 0 ? "The database is up to date." : `Applied ${applied} migration(s).`);
});
