import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chown, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { execa } from "execa";
import { launcher, postgresAccount } from "../../gateway/postgres/embedded/account.ts";
import { findBinaries } from "../../gateway/postgres/embedded/binaries.ts";
import { kafkaClassPath } from "../../gateway/testing/real/kafka-jars.ts";
import { tieToThisProcess } from "../../gateway/testing/real/tied.ts";
import { ROOT } from "../../scripts/system/project.ts";

/** A container as it runs on this machine. */
export interface Container {
  readonly name: string;
  readonly address: string;
  /** In place of its disk: `data` for its volume, `tmp`. */
  readonly folder: string;
  readonly workingFolder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Its command, after the entry point of its image if that is known. */
  readonly words: readonly string[];
}

/** The images whose entry points do more than to run the command. */
const ENTRY_POINTS: Readonly<Record<string, (container: Container) => Promise<ChildProcess>>> = {
  kafka: startKafka,
  postgres: startPostgres,
  caddy: startCaddy,
};

/** Starts the process of a container, in a group of its own. Its output must be read. */
export async function startContainer(container: Container): Promise<ChildProcess> {
  const child = await (ENTRY_POINTS[container.name] ?? run)(container);
  tieToThisProcess(child);
  return child;
}

/** A command line with the programs of this repository's images as they run here. */
export function localProgram([file = "", ...args]: readonly string[]): [file: string, ...args: string[]] {
  if (file === "edge-im-gateway") return [process.execPath, join(ROOT, "gateway/main.ts"), ...args];
  return [file === "node" ? process.execPath : file, ...args];
}

async function run({ words, environment, workingFolder: cwd }: Container): Promise<ChildProcess> {
  const [file, ...args] = localProgram(words);
  const env = { PATH: process.env.PATH, ...environment };
  return spawn(file, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
}

/** Kafka's image has a program that makes the configuration of the environment, and formats the disk unless it is. */
async function startKafka(container: Container): Promise<ChildProcess> {
  const folder = (name: string) => join(container.folder, name);
  for (const name of ["defaults", "mounted", "final"]) await mkdir(folder(name), { recursive: true });
  for (const file of ["server.properties", "log4j2.yaml", "tools-log4j2.yaml"])
    await writeFile(join(folder("defaults"), file), "");
  const java = ["-cp", kafkaClassPath() ?? "", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];
  const folders = ["--default-configs-dir", folder("defaults"), "--mounted-configs-dir", folder("mounted")];
  const setUp = [
    "kafka.docker.KafkaDockerWrapper",
    "setup",
    ...folders,
    "--final-configs-dir",
    folder("final"),
  ];
  const env = { PATH: process.env.PATH, ...container.environment };
  const done = await execa("java", [...java, ...setUp], {
    ...{ env, extendEnv: false, stdin: "ignore", reject: false, all: true },
  });
  if (done.failed && !/already formatted/i.test(done.all)) throw new Error(done.all);
  return run({
    ...container,
    words: ["java", ...java, "kafka.Kafka", join(folder("final"), "server.properties")],
  });
}

/** Postgres' image makes the database at its first start. It does not run as root. */
async function startPostgres({ folder, address, environment, words }: Container): Promise<ChildProcess> {
  const { initdb, postgres } = await findBinaries();
  const [data, temporary] = [join(folder, "data"), join(folder, "tmp")];
  const account = postgresAccount(data);
  if (account !== undefined)
    for (const each of [data, temporary]) await chown(each, account.uid, account.gid);
  const launch = launcher(account, [folder, postgres]);
  const finish = async (file: string, args: readonly string[], input = "") => {
    const child = launch(file, args, { stdio: ["pipe", "ignore", "pipe"] });
    child.stdin?.end(input);
    const exit = once(child, "exit");
    const output = child.stderr === null ? "" : await text(child.stderr);
    const [code] = await exit;
    if (code !== 0) throw new Error(`${file} has ended with ${code}: ${output}`);
  };
  if (!existsSync(join(data, "PG_VERSION"))) {
    const { POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB, POSTGRES_INITDB_ARGS } = environment;
    const password = join(temporary, "password");
    await writeFile(password, `${POSTGRES_PASSWORD}\n`);
    const options = `--username=${POSTGRES_USER} --auth=scram-sha-256 --pwfile=${password} ${POSTGRES_INITDB_ARGS}`;
    await finish(initdb, ["-D", data, ...options.split(" ")]);
    await finish(postgres, ["--single", "-D", data, "postgres"], `CREATE DATABASE "${POSTGRES_DB}"\n`);
  }
  const [, ...settings] = words;
  const places = ["-c", `listen_addresses=${address}`, "-c", `unix_socket_directories=${temporary}`];
  return launch(postgres, ["-D", data, ...settings, ...places], {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
}

/** Caddy reads its file, which in the container is at another place, and listens at its own address alone. */
async function startCaddy(container: Container): Promise<ChildProcess> {
  const { address, folder, environment } = container;
  const file = join(folder, "Caddyfile");
  const options = `{\n\tadmin ${address}:2019\n\tdefault_bind ${address}\n}\n`;
  await writeFile(file, `${options}import ${join(ROOT, "deploy/Caddyfile")}\n`);
  const words = container.words.map((word) => (word === "/etc/caddy/Caddyfile" ? file : word));
  const state = { XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
  return run({ ...container, words, environment: { ...environment, ...state } });
}
