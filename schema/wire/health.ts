import { z } from "zod";

/** Whether a layer works, and its registered instances. */
export const LayerHealth = z.object({
  ok: z.boolean(),
  instances: z.array(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))),
});
export type LayerHealth = z.infer<typeof LayerHealth>;

/** The health of the whole system, with a field for each layer. */
export const Health = z
  .object({
    ok: z.boolean(),
    api: LayerHealth,
    logic: LayerHealth,
    log: LayerHealth,
    task: LayerHealth,
    connect: LayerHealth,
    redis: LayerHealth,
    database: LayerHealth,
  })
  .meta({ id: "Health" });
export type Health = z.infer<typeof Health>;
