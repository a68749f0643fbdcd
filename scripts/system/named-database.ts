import { z } from "zod";
import { type PostgresStore, postgresStore, postgresVariables } from "../../gateway/postgres/settings.ts";
import { BAD_SETTING, Complaint } from "./complaint.ts";

/** The database that DATABASE_URL names; throws a complaint that ends with `otherwise` when it names none. */
export function namedDatabase(otherwise = ""): PostgresStore {
  const settings = z.object(postgresVariables).safeParse(process.env);
  if (!settings.success) {
    const faults = settings.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`);
    throw new Complaint(faults.join("\n"), BAD_SETTING);
  }
  const store = postgresStore(settings.data);
  if (store === undefined) throw new Complaint(`DATABASE_URL is required. ${otherwise}`.trim(), BAD_SETTING);
  return store;
}
