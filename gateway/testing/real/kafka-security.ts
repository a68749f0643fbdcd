import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

/** Somebody who may connect by SASL, by any mechanism. */
export interface KafkaAccount {
  readonly username: string;
  readonly password: string;
  /** Whether it may do everything; otherwise nothing until a test grants it something. */
  readonly superuser: boolean;
}

const KEY_PASSWORD = "password-of-tests";
const SCRAM = ["SCRAM-SHA-256", "SCRAM-SHA-512"];

/** The broker's key, and its own certificate as the one that signs it, by Java's keytool. */
export async function tlsSettings(folder: string, caFile: string): Promise<Record<string, string>> {
  const keystore = join(folder, "keystore.p12");
  const store = [
    "-keystore",
    keystore,
    "-storepass",
    KEY_PASSWORD,
    "-storetype",
    "PKCS12",
    "-alias",
    "kafka",
  ];
  const run = promisify(execFile);
  await run("keytool", [
    ...[
      "-genkeypair",
      "-keyalg",
      "EC",
      "-groupname",
      "secp256r1",
      "-dname",
      "CN=localhost",
      "-validity",
      "30",
    ],
    ...["-ext", "san=dns:localhost,ip:127.0.0.1", "-ext", "bc=ca:true", "-keypass", KEY_PASSWORD],
    ...store,
  ]);
  await run("keytool", ["-exportcert", "-rfc", "-file", caFile, ...store]);
  return {
    "ssl.keystore.location": keystore,
    "ssl.keystore.type": "PKCS12",
    "ssl.keystore.password": KEY_PASSWORD,
    "ssl.key.password": KEY_PASSWORD,
  };
}

/** The mechanisms of the SASL listeners, and the rights: the plain listener's people may do everything. */
export function accountSettings(accounts: readonly KafkaAccount[]): Record<string, string> {
  if (accounts.length === 0) return {};
  const module = "org.apache.kafka.common.security";
  const users = accounts.map(({ username, password }) => `user_${username}="${password}"`).join(" ");
  const superusers = accounts.filter(({ superuser }) => superuser).map(({ username }) => `User:${username}`);
  const settings: Record<string, string> = {
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "super.users": ["User:ANONYMOUS", ...superusers].join(";"),
  };
  for (const listener of ["sasl", "tls"]) {
    const prefix = `listener.name.${listener}`;
    settings[`${prefix}.sasl.enabled.mechanisms`] = ["PLAIN", ...SCRAM].join(",");
    settings[`${prefix}.plain.sasl.jaas.config`] = `${module}.plain.PlainLoginModule required ${users};`;
    for (const mechanism of SCRAM) {
      settings[`${prefix}.${mechanism.toLowerCase()}.sasl.jaas.config`] =
        `${module}.scram.ScramLoginModule required;`;
    }
  }
  return settings;
}

/** The arguments that put the accounts' SCRAM secrets into a new log. */
export function scramArguments(accounts: readonly KafkaAccount[]): string[] {
  return accounts.flatMap(({ username, password }) =>
    SCRAM.flatMap((mechanism) => ["--add-scram", `${mechanism}=[name=${username},password=${password}]`]),
  );
}
