import { z } from "zod";

/** The settings of an external Redis, by the names of their environment variables. */
export const redisVariables = {
  REDIS_URL: z
    .undefined({ error: "is not supported yet: the gateway runs its embedded Redis; leave it unset" })
    .optional()
    .describe("A real Redis instead of the embedded one. Not supported yet."),
};
