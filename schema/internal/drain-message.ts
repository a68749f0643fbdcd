import { z } from "zod";
import { Topic } from "./topic.ts";

/** A message of the drain queue, sent when a direct call to drain these topics has failed. */
export const DrainMessage = z.object({ topics: z.array(Topic).min(1) });
export type DrainMessage = z.infer<typeof DrainMessage>;
