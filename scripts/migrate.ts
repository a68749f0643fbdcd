/** Migrates the database at DATABASE_URL; NEON_HTTP_URL is needed only when the database is not at Neon. */
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
