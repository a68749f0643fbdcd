/**
 * `npm run deploy`: builds the client, brings the database up to date, and deploys the four Workers. With `--dry-run`
 * each one is only built and checked, all at once.
 *
 * The Workers are bound to one another in a ring: connect calls logic, logic calls task, task calls connect. The very
 * first deployment therefore needs `--first`, which first deploys connect without its bindings.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { Complaint, FAILED, runProgram } from "./system/complaint.ts";
import { checkDeployment, wranglerDeploy } from "./system/deployment.ts";
import { LAYERS, type Layer, layerConfig, programs, ROOT } from "./system/project.ts";
import { readWorkerConfig } from "./system/worker-configs.ts";

await runProgram(async () => {
  if (process.argv.includes("--dry-run")) await checkAll();
  else await deployAll(process.argv.includes("--first"));
});

/** Builds every Worker; throws a complaint with the output of wrangler for each that fails. */
async function checkAll(): Promise<void> {
  const builds = await mkdtemp(join(tmpdir(), "edge-im-builds-"));
  const faults = await Promise.all(LAYERS.map((layer) => checkDeployment(layer, join(builds, layer))));
  await rm(builds, { recursive: true, force: true });
  for (const [index, layer] of LAYERS.entries()) {
    console.log(`${layer} ${faults[index] === null ? "can" : "cannot"} be deployed`);
  }
  if (faults.some((fault) => fault !== null)) throw new Complaint(faults.join("\n"), FAILED);
}

async function deployAll(first: boolean): Promise<void> {
  await run([programs.vite, "build", "web"]);
  await run([join(ROOT, "scripts/migrate.ts")]);
  if (first) await deployUnbound("connect");
  for (const layer of LAYERS) await run(wranglerDeploy(layerConfig(layer)));
}

/** Deploys a Worker without its service bindings, so that others can be bound to it. */
async function deployUnbound(layer: Layer): Promise<void> {
  const { services: _services, secrets: _secrets, ...config } = await readWorkerConfig(layer);
  const file = join(dirname(layerConfig(layer)), ".wrangler", "unbound.json");
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify({ ...config, main: join("..", config.main) }));
  await run(wranglerDeploy(file));
}

async function run(args: string[]): Promise<void> {
  const { failed } = await execa(process.execPath, args, { cwd: ROOT, stdio: "inherit", reject: false });
  if (failed) throw new Complaint("The deployment has stopped.", FAILED);
}
