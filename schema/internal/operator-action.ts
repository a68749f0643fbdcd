import { z } from "zod";

/** The kinds of what operators do. */
export const OperatorAction = z.enum(["dead-letter.replay", "dead-letter.drop"]);
export type OperatorAction = z.infer<typeof OperatorAction>;
