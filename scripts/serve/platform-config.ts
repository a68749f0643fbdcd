import { z } from "zod";
import type { Layer } from "../system/project.ts";
import { readWorkerConfig, variablesOf } from "../system/worker-configs.ts";
import type { CapnpValue } from "./capnp.ts";

/** What serve reads of a layer's checked-in configuration beside its variables. */
const Platform = z.looseObject({
  compatibility_date: z.string(),
  compatibility_flags: z.array(z.string()),
  services: z.array(z.object({ binding: z.string(), service: z.string() })).default([]),
  r2_buckets: z.array(z.object({ binding: z.string() })).default([]),
  queues: z
    .object({
      producers: z.array(z.object({ binding: z.string(), queue: z.string() })).default([]),
      consumers: z
        .array(
          z.object({
            queue: z.string(),
            // The defaults of the platform.
            max_batch_size: z.int().default(10),
            max_batch_timeout: z.int().default(5),
            max_retries: z.int().default(3),
            retry_delay: z.int().default(0),
          }),
        )
        .default([]),
    })
    .prefault({}),
});

export type Consumer = z.infer<typeof Platform>["queues"]["consumers"][number];

/** A layer as workerd runs it: its compatibility, and its bindings to variables and to services of its process. */
export type LayerConfig = {
  compatibility: { compatibilityDate: string; compatibilityFlags: readonly string[] };
  bindings: readonly CapnpValue[];
  /** The queues that it consumes. */
  consumers: readonly Consumer[];
};

/** A layer's checked-in configuration, with the values of its variables and secrets filled in. */
export async function readLayerConfig(
  layer: Layer,
  values: Readonly<Record<string, string>>,
): Promise<LayerConfig> {
  const config = await readWorkerConfig(layer);
  const { compatibility_date, compatibility_flags, services, r2_buckets, queues } = Platform.parse(config);
  const variables = Object.entries(variablesOf(config, values));
  return {
    compatibility: { compatibilityDate: compatibility_date, compatibilityFlags: compatibility_flags },
    bindings: [
      ...variables.map(([name, text]) => ({ name, text })),
      ...services.map(({ binding, service }) => ({
        name: binding,
        service: service.replace(/^edge-im-/, ""),
      })),
      ...queues.producers.map(({ binding, queue }) => ({ name: binding, service: queueService(queue) })),
      ...r2_buckets.map(({ binding }) => ({ name: binding, r2Bucket: MEDIA_SERVICE })),
    ],
    consumers: queues.consumers,
  };
}

/** The service that is behind R2 bindings. */
export const MEDIA_SERVICE = "media";

/** The service that is a queue. */
export function queueService(queue: string): string {
  return `queue-${queue}`;
}
