import { ConnectServers } from "../../lib/connect-servers.ts";
import { LAYERS } from "../system/project.ts";
import type { DeployedConfig, Plan } from "./plan.ts";
import type { SecretNeed } from "./secrets.ts";

/** What each Worker is deployed with, a line each. */
export function describePlan(plan: Plan): string {
  return LAYERS.map((layer) =>
    [plan[layer].name, ...partsOf(plan[layer]).map((part) => `  ${part}`)].join("\n"),
  ).join("\n");
}

function partsOf(config: DeployedConfig): string[] {
  const { services, queues, r2_buckets, durable_objects, ratelimits, images, assets, triggers, placement } =
    config;
  return [
    ...(durable_objects?.bindings ?? []).map(
      ({ name, class_name }) => `${name}: the Durable Object ${class_name}, ${describeServers(config)}`,
    ),
    ...services.map(({ binding, service }) => `${binding}: the Worker ${service}`),
    ...queues.producers.map(({ binding, queue }) => `${binding}: sends to the queue ${queue}`),
    ...queues.consumers.map(({ queue }) => `receives from the queue ${queue}`),
    ...triggers.crons.map((cron) => `cron ${cron}`),
    ...r2_buckets.map(({ binding, bucket_name }) => `${binding}: the R2 bucket ${bucket_name}`),
    ...(images === undefined ? [] : [`${images.binding}: Cloudflare Images`]),
    ...(assets === undefined ? [] : ["the web client"]),
    ...ratelimits.map(
      ({ name, simple }) => `${name}: ${simple.limit} requests in ${simple.period} s, in each location`,
    ),
    ...(placement === undefined ? [] : [`placed by ${Object.values(placement).join(" ")}`]),
  ];
}

function describeServers({ vars }: DeployedConfig): string {
  const servers = ConnectServers.parse(vars.CONNECT_SERVERS);
  const places = servers.map(
    ({ serverId, locationHint = "near its first client" }) => `${serverId} (${locationHint})`,
  );
  return `${vars.BUCKETS_PER_SERVER} on each server: ${places.join(", ")}`;
}

/** The secrets by name, a line each, with the layers that need them. */
export function describeSecrets(needs: readonly SecretNeed[]): string {
  const width = Math.max(...needs.map(({ name }) => name.length));
  return needs.map(({ name, layers }) => `${name.padEnd(width)}  ${layers.join(", ")}`).join("\n");
}

/** A sentence for each secret that is missing, with the layers that would be without it. */
export function describeMissing(needs: readonly SecretNeed[]): string[] {
  const list = new Intl.ListFormat("en");
  return needs
    .filter(({ missing }) => missing.length > 0)
    .map(
      ({ name, missing }) =>
        `${name} is missing: ${list.format(missing)} ${missing.length === 1 ? "needs" : "need"} it.`,
    );
}
