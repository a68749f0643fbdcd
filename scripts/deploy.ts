/** `npm run deploy`: checks, migrates, and deploys the four Workers; `npm run deploy -- --help` says more. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { execa } from "execa";
import { z } from "zod";
import { type Account, createMissing, missingWorkers, readAccount } from "./deploy/account.ts";
import { awaitHealth } from "./deploy/health.ts";
import { faultsIn, type Plan, readPlan } from "./deploy/plan.ts";
import { describeMissing, describePlan, describeSecrets } from "./deploy/report.ts";
import { givenTo, readSecretsFile, type Secrets, secretNeeds, writeSecrets } from "./deploy/secrets.ts";
import { QUIET } from "./deploy/wrangler.ts";
import { BAD_SETTING, Complaint, FAILED, runProgram } from "./system/complaint.ts";
import { checkDeployment, wranglerDeploy } from "./system/deployment.ts";
import { LAYERS, type Layer, layerConfig, programs, ROOT } from "./system/project.ts";
import { readWorkerConfig } from "./system/worker-configs.ts";

const HELP = `npm run deploy -- [flags]

  --dry-run         bundle and check only: no account is needed, nothing is changed
  --secrets FILE    give the Workers these secrets (lines NAME=VALUE, or JSON); needed for Workers that are new
  --skip-migrations the database is migrated already (npm run migrate)
  --url URL         where the API is: its custom domain. Without, its workers.dev address
  --patience S      how long the deployed system may take until it is healthy (180 s: a new address is not known at once)

Migrates the database at DATABASE_URL, from the environment or FILE.`;

const { values: flags } = parseArgs({
  options: {
    "dry-run": { type: "boolean", default: false },
    secrets: { type: "string" },
    "skip-migrations": { type: "boolean", default: false },
    url: { type: "string" },
    patience: { type: "string", default: "180" },
    help: { type: "boolean", default: false },
  },
});

await runProgram(async () => {
  if (flags.help) return console.log(HELP);
  const plan = await readPlan();
  const faults = faultsIn(plan);
  if (faults.length > 0) throw new Complaint(faults.join("\n"), BAD_SETTING);
  if (flags["dry-run"]) await check(plan);
  else await deploy(plan);
});

async function check(plan: Plan): Promise<void> {
  console.log(describePlan(plan));
  const none = { connect: [], task: [], logic: [], api: [] };
  const needs = secretNeeds(plan, none, {}).map((need) => ({ ...need, missing: [] }));
  console.log(`Secrets\n${indented(describeSecrets(needs))}`);
  await checkBundles();
}

/** Builds every Worker as a deployment does; throws a complaint with the output of wrangler for each that fails. */
async function checkBundles(): Promise<void> {
  const checks = await inFolder((folder) =>
    Promise.all(
      LAYERS.map(async (layer) => ({ layer, ...(await checkDeployment(layer, join(folder, layer))) })),
    ),
  );
  for (const { layer, ok } of checks) console.log(`${layer} ${ok ? "can" : "cannot"} be deployed`);
  const faults = checks.filter(({ ok }) => !ok);
  if (faults.length > 0) throw new Complaint(faults.map(({ output }) => output).join("\n"), FAILED);
}

/** Everything that can be wrong is looked at before anything is changed. */
async function deploy(plan: Plan): Promise<void> {
  const given = flags.secrets === undefined ? {} : await readSecretsFile(flags.secrets);
  const database = process.env.DATABASE_URL ?? given.DATABASE_URL;
  if (database === undefined && !flags["skip-migrations"]) {
    throw new Complaint(
      "DATABASE_URL is required for the migrations: set it, or give --secrets FILE, or --skip-migrations.",
      BAD_SETTING,
    );
  }
  console.log("Reading the account");
  const account = await readAccount(plan);
  checkSecrets(plan, account, given);
  console.log("Building");
  await run([programs.vite, "build", "web"]);
  await checkBundles();

  if (database !== undefined && !flags["skip-migrations"]) {
    await run([join(ROOT, "scripts/migrate.ts")], { DATABASE_URL: database });
  }
  await createMissing(account);
  const url = await inFolder((folder) => deployWorkers(plan, account, given, folder));
  console.log(`Waiting until ${url} is healthy`);
  await awaitHealth(url, z.coerce.number().parse(flags.patience) * 1_000);
  console.log(`The system runs at ${url}`);
}

function checkSecrets(plan: Plan, { secrets }: Account, given: Secrets): void {
  const { connect, task, logic, api } = secrets;
  const known = { connect: connect ?? [], task: task ?? [], logic: logic ?? [], api: api ?? [] };
  const needs = secretNeeds(plan, known, given);
  console.log(`Secrets\n${indented(describeSecrets(needs))}`);
  const missing = describeMissing(needs);
  if (missing.length === 0) return;
  const remedy =
    "Write what is missing into a file, a line NAME=VALUE each, and give it with --secrets FILE.";
  throw new Complaint([...missing, remedy].join("\n"), BAD_SETTING);
}

/** Deploys every Worker; returns the address of the API. */
async function deployWorkers(plan: Plan, account: Account, given: Secrets, folder: string): Promise<string> {
  // A Worker can only be bound to one that exists, and they call each other in a ring: connect, logic, task, connect.
  for (const layer of missingWorkers(account)) if (layer !== "api") await deployUnbound(layer);
  const output = join(folder, "deployed.ndjson");
  for (const layer of LAYERS) {
    const own = givenTo(plan, layer, given);
    const options =
      Object.keys(own).length === 0 ? [] : ["--secrets-file", await writeSecrets(folder, layer, own)];
    const env: Record<string, string> = layer === "api" ? { WRANGLER_OUTPUT_FILE_PATH: output } : {};
    await run(wranglerDeploy(layerConfig(layer), options), env);
  }
  return flags.url?.replace(/\/$/, "") ?? (await deployedAddress(output));
}

/** Deploys a Worker that only exists: without bindings to others, secrets, cron and queues. */
async function deployUnbound(layer: Layer): Promise<void> {
  const { services: _, secrets: _s, triggers: _t, queues: _q, ...config } = await readWorkerConfig(layer);
  const file = join(dirname(layerConfig(layer)), ".wrangler", "unbound.json");
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify({ ...config, main: join("..", config.main) }));
  await run(wranglerDeploy(file));
}

const Deployed = z.object({ type: z.literal("deploy"), targets: z.array(z.string()).min(1) });

/** The first address in what wrangler has noted of a deployment. */
async function deployedAddress(file: string): Promise<string> {
  const lines = (await readFile(file, "utf8")).split("\n").filter((line) => line !== "");
  const [deployed] = lines.flatMap((line) => Deployed.safeParse(JSON.parse(line)).data ?? []);
  const target = deployed?.targets[0]?.split(" ")[0];
  if (target === undefined) throw new Complaint("The API has no address: give it with --url.", FAILED);
  return target.startsWith("https://") ? target : `https://${target}`;
}

async function run(args: string[], env: Record<string, string> = {}): Promise<void> {
  const { failed } = await execa(process.execPath, args, {
    cwd: ROOT,
    env: { ...QUIET, ...env },
    stdin: "ignore",
    stdout: "inherit",
    stderr: "inherit",
    reject: false,
  });
  if (failed) throw new Complaint("The deployment has stopped.", FAILED);
}

/** Does work with a folder that is removed afterwards. */
async function inFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), "edge-im-deploy-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function indented(text: string): string {
  return text.replace(/^/gm, "  ");
}
