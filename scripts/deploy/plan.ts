import { z } from "zod";
import { BucketsPerServer, ConnectServers } from "../../lib/connect-servers.ts";
import { LAYERS, type Layer } from "../system/project.ts";
import { readWorkerConfig } from "../system/worker-configs.ts";

/** What a deployment reads of a Worker's configuration. */
const DeployedConfig = z.object({
  name: z.string(),
  compatibility_date: z.string(),
  services: z.array(z.object({ binding: z.string(), service: z.string() })).default([]),
  queues: z
    .object({
      producers: z.array(z.object({ binding: z.string(), queue: z.string() })).default([]),
      consumers: z.array(z.looseObject({ queue: z.string() })).default([]),
    })
    .prefault({}),
  r2_buckets: z.array(z.object({ binding: z.string(), bucket_name: z.string() })).default([]),
  durable_objects: z
    .looseObject({ bindings: z.array(z.object({ name: z.string(), class_name: z.string() })) })
    .optional(),
  ratelimits: z
    .array(
      z.object({
        name: z.string(),
        namespace_id: z.string(),
        simple: z.object({ limit: z.number(), period: z.number() }),
      }),
    )
    .default([]),
  images: z.object({ binding: z.string() }).optional(),
  assets: z.looseObject({}).optional(),
  triggers: z.object({ crons: z.array(z.string()) }).prefault({ crons: [] }),
  placement: z.record(z.string(), z.string()).optional(),
  vars: z.record(z.string(), z.string()),
  secrets: z.object({ required: z.array(z.string()) }),
});
export type DeployedConfig = z.infer<typeof DeployedConfig>;

/** The configuration of each Worker. */
export type Plan = Record<Layer, DeployedConfig>;

/** Reads the checked-in configurations. */
export async function readPlan(): Promise<Plan> {
  const read = async (layer: Layer) => DeployedConfig.parse(await readWorkerConfig(layer));
  const [connect, task, logic, api] = await Promise.all([
    read("connect"),
    read("task"),
    read("logic"),
    read("api"),
  ]);
  return { connect, task, logic, api };
}

/** The queues that the Workers use, each once. */
export function queuesOf(plan: Plan): string[] {
  const all = configsOf(plan).flatMap(({ queues }) => [...queues.producers, ...queues.consumers]);
  return [...new Set(all.map(({ queue }) => queue))];
}

/** The R2 buckets that the Workers use, each once. */
export function bucketsOf(plan: Plan): string[] {
  return [
    ...new Set(configsOf(plan).flatMap(({ r2_buckets }) => r2_buckets.map((bucket) => bucket.bucket_name))),
  ];
}

/** These must be the same wherever they are: they decide in which bucket a person's socket is, and who may open one. */
const SHARED = ["CONNECT_SERVERS", "BUCKETS_PER_SERVER", "ALLOWED_ORIGINS"];

/** What would not work together, in sentences. */
export function faultsIn(plan: Plan): string[] {
  const names = configsOf(plan).map(({ name }) => name);
  const consumed = configsOf(plan).flatMap(({ queues }) => queues.consumers.map(({ queue }) => queue));
  return [
    ...configsOf(plan).flatMap(({ name, services }) =>
      services
        .filter(({ service }) => !names.includes(service))
        .map(
          ({ binding, service }) => `${name} binds ${binding} to ${service}, which is none of the Workers.`,
        ),
    ),
    ...queuesOf(plan)
      .filter((queue) => consumed.filter((other) => other === queue).length !== 1)
      .map((queue) => `The queue ${queue} must have exactly one consumer.`),
    ...differing(plan, "compatibility_date", (config) => config.compatibility_date),
    ...SHARED.flatMap((name) => differing(plan, name, ({ vars }) => vars[name])),
    ...invalid("CONNECT_SERVERS", ConnectServers.safeParse(plan.connect.vars.CONNECT_SERVERS)),
    ...invalid("BUCKETS_PER_SERVER", BucketsPerServer.safeParse(plan.connect.vars.BUCKETS_PER_SERVER)),
    ...(plan.connect.placement === undefined
      ? []
      : ["connect must not be placed: it would take every socket away from where its client is."]),
  ];
}

function configsOf(plan: Plan): DeployedConfig[] {
  return LAYERS.map((layer) => plan[layer]);
}

function differing(plan: Plan, what: string, read: (config: DeployedConfig) => string | undefined): string[] {
  const values = configsOf(plan).flatMap((config) => read(config) ?? []);
  return new Set(values).size <= 1
    ? []
    : [`${what} must be the same wherever it is: ${values.join(" and ")}.`];
}

function invalid(name: string, parsed: z.ZodSafeParseResult<unknown>): string[] {
  return parsed.success ? [] : parsed.error.issues.map(({ message }) => `${name}: ${message}.`);
}
