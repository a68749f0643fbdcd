import { z } from "zod";
import { BAD_SETTING, Complaint } from "../system/complaint.ts";
import { LAYERS, type Layer } from "../system/project.ts";
import { bucketsOf, type Plan, queuesOf } from "./plan.ts";
import { runWrangler, type WranglerRun, wrangler } from "./wrangler.ts";

/** What an account has of a plan. */
export type Account = {
  /** The names of the secrets of each Worker; null when there is no such Worker. */
  secrets: Record<Layer, readonly string[] | null>;
  /** The queues and R2 buckets that are not there. */
  missingQueues: string[];
  missingBuckets: string[];
};

const WhoAmI = z.object({
  loggedIn: z.literal(true),
  accounts: z.array(z.object({ id: z.string(), name: z.string() })),
});
const SecretList = z.array(z.object({ name: z.string() }));

/** How wrangler says that something does not exist. */
const NO_WORKER = /Worker "[^"]+" not found|\[code: 10007\]/;
const NO_QUEUE = /Queue "[^"]+" does not exist/;
const NO_BUCKET = /\[code: 10006\]/;

/** Reads what the account has, all at once. Throws a complaint when nobody is logged in. */
export async function readAccount(plan: Plan): Promise<Account> {
  await checkLogin();
  const [connect, task, logic, api, missingQueues, missingBuckets] = await Promise.all([
    secretsOfWorker(plan.connect.name),
    secretsOfWorker(plan.task.name),
    secretsOfWorker(plan.logic.name),
    secretsOfWorker(plan.api.name),
    absent(queuesOf(plan), NO_QUEUE, (name) => ["queues", "info", name]),
    absent(bucketsOf(plan), NO_BUCKET, (name) => ["r2", "bucket", "info", name, "--json"]),
  ]);
  return { secrets: { connect, task, logic, api }, missingQueues, missingBuckets };
}

/** The layers whose Workers are not there. */
export function missingWorkers({ secrets }: Account): Layer[] {
  return LAYERS.filter((layer) => secrets[layer] === null);
}

async function checkLogin(): Promise<void> {
  const { stdout } = await runWrangler(["whoami", "--json"]);
  const who = WhoAmI.safeParse(jsonIn(stdout));
  if (!who.success) {
    throw new Complaint(
      "Nobody is logged in at Cloudflare: run npx wrangler login, or set CLOUDFLARE_API_TOKEN.",
      BAD_SETTING,
    );
  }
  if (who.data.accounts.length > 1 && process.env.CLOUDFLARE_ACCOUNT_ID === undefined) {
    const accounts = who.data.accounts.map(({ id, name }) => `  ${id}  ${name}`);
    throw new Complaint(
      `There are several accounts. Set CLOUDFLARE_ACCOUNT_ID to one of them:\n${accounts.join("\n")}`,
      BAD_SETTING,
    );
  }
}

async function secretsOfWorker(name: string): Promise<string[] | null> {
  const run = await runWrangler(["secret", "list", "--name", name, "--format", "json"]);
  if (isAbsent(run, NO_WORKER)) return null;
  return SecretList.parse(jsonIn(run.stdout)).map((secret) => secret.name);
}

/** Those of some things that do not exist. */
async function absent(names: string[], sign: RegExp, look: (name: string) => string[]): Promise<string[]> {
  const there = await Promise.all(names.map(async (name) => isAbsent(await runWrangler(look(name)), sign)));
  return names.filter((_, index) => there[index]);
}

/** Whether a look-up has failed because the thing does not exist; any other failure ends the deployment. */
function isAbsent({ failed, output }: WranglerRun, sign: RegExp): boolean {
  if (!failed) return false;
  if (sign.test(output)) return true;
  throw new Complaint(`The account cannot be read:\n${output}`, BAD_SETTING);
}

/** Creates what is missing, except Workers; one after the other, so that the first that fails ends it. */
export async function createMissing({ missingQueues, missingBuckets }: Account): Promise<void> {
  for (const name of missingQueues) await wrangler(["queues", "create", name]);
  for (const name of missingBuckets) await wrangler(["r2", "bucket", "create", name]);
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: what follows says that it cannot be read.
    return undefined;
  }
}
