import { z } from "zod";
import { Topic } from "./topic.ts";

/** What the drain queue carries when a kick has failed: the topics to drain. */
export const DrainMessage = z.object({ topics: z.array(Topic).min(1) });
export type DrainMessage = z.infer<typeof DrainMessage>;
