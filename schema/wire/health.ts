import { z } from "zod";

/** Whether a layer answers, and which of its instances are registered. */
export const LayerHealth = z.object({
  ok: z.boolean(),
  instances: z.array(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))),
});
export type LayerHealth = z.infer<typeof LayerHealth>;

/** The whole system's health, a field a layer. */
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
