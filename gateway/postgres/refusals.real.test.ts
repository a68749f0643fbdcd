import { afterAll, beforeAll, describe, it } from "vitest";
import { type RealPostgres, startRealPostgres } from "../testing/real/postgres.ts";
import {
  expectRefusal,
  PASSWORD,
  startWrongServers,
  unusable,
  type WrongPorts,
} from "../testing/real/refusal.ts";

describe("the gateway names DATABASE_URL when", () => {
  let postgres: RealPostgres;
  let secure: RealPostgres;
  let wrong: WrongPorts;
  beforeAll(async () => {
    postgres = await startRealPostgres("embedded");
    wrong = await startWrongServers();
    secure = await startRealPostgres("embedded", { tls: true });
    await postgres.run(
      "postgres",
      `CREATE ROLE edge LOGIN PASSWORD '${PASSWORD}' CONNECTION LIMIT 5`,
      "CREATE DATABASE ascii ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0",
      "CREATE DATABASE closed",
      "REVOKE CONNECT ON DATABASE closed FROM PUBLIC",
      "CREATE DATABASE old",
    );
    // What a server of an older version says of itself.
    await postgres.run(
      "old",
      "CREATE SCHEMA past",
      "GRANT USAGE ON SCHEMA past TO PUBLIC",
      `CREATE FUNCTION past.current_setting(name text) RETURNS text STABLE LANGUAGE sql AS $$
        SELECT CASE name WHEN 'server_version_num' THEN '140012' WHEN 'server_version' THEN '14.12'
          ELSE pg_catalog.current_setting(name) END $$`,
      "ALTER DATABASE old SET search_path = past, pg_catalog",
    );
  });
  afterAll(async () => {
    wrong.close();
    await Promise.all([postgres.remove(), secure.remove()]);
  });

  const as = (database: string, login = `edge:${PASSWORD}`) => postgres.url({ login, database });
  const at = (port: number) => `postgresql://edge:${PASSWORD}@127.0.0.1:${port}/edge`;

  it.each<[string, () => string, RegExp]>([
    ["nothing listens there", () => at(wrong.none), /nothing listens at 127\.0\.0\.1:\d+$/],
    [
      "there is no such host",
      () => `postgresql://e:${PASSWORD}@no-such-host.invalid/e`,
      /host.*: no-such-host\.invalid:5432$/,
    ],
    ["nothing replies", () => at(wrong.silent), /does not reply$/],
    ["it is a web server", () => at(wrong.web), /is it a Postgres\?$/],
    [
      "the password is wrong",
      () => as("postgres", `edge:wrong-${PASSWORD}`),
      /Postgres refuses the user or the password$/,
    ],
    ["a password is missing", () => as("postgres", "edge"), /Postgres wants a password$/],
    ["there is no such database", () => as("none"), /database "none" does not exist$/],
    ["the user may not connect to it", () => as("closed"), /permission denied for database "closed"$/],
    [
      "TLS is missing",
      () => secure.url(),
      /no pg_hba\.conf entry for .*no encryption \(sslmode in the URL turns it on\)$/,
    ],
    [
      "TLS is not spoken",
      () => postgres.url({ parameters: { sslmode: "require" } }),
      /does not speak TLS; without TLS, the URL has no sslmode$/,
    ],
    [
      "nobody has signed the certificate",
      () => secure.url({ parameters: { sslmode: "verify-full" } }),
      /certificate is not trusted \(self-signed certificate\)/,
    ],
    ["it is too old", () => as("old"), /Postgres 14\.12 is too old: it must be 15 or newer$/],
    [
      "its encoding is not UTF-8",
      () => as("ascii"),
      /the encoding of the database is SQL_ASCII: it must be UTF8$/,
    ],
  ])("%s", async (_, url, reason) => {
    await expectRefusal({ DATABASE_URL: url() }, unusable("DATABASE_URL", reason));
  });

  it("its certificate file cannot be read", async () => {
    const url = secure.url({ parameters: { sslmode: "verify-full", sslrootcert: "/none.pem" } });
    await expectRefusal(
      { DATABASE_URL: url },
      /^DATABASE_URL names the file \/none\.pem as sslrootcert, which cannot be read$/,
    );
  });

  it("it permits fewer sessions than DATABASE_CONNECTIONS", async () => {
    await expectRefusal(
      { DATABASE_URL: as("postgres"), DATABASE_CONNECTIONS: "6" },
      /^DATABASE_CONNECTIONS is 6, but Postgres permits 5 sessions to this user$/,
    );
  });
});
