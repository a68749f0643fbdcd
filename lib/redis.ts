import { Redis } from "@upstash/redis/cloudflare";
import { z } from "zod";

export const RedisSettings = z.object({
  UPSTASH_REDIS_REST_URL: z.url(),
  UPSTASH_REDIS_REST_TOKEN: z.string().min(1),
});

export type { Redis };

/** Makes a Redis client over HTTP. It returns values as the strings that Redis holds, never parsed as JSON. */
export function connectRedis(settings: z.infer<typeof RedisSettings>): Redis {
  return new Redis({
    url: settings.UPSTASH_REDIS_REST_URL,
    token: settings.UPSTASH_REDIS_REST_TOKEN,
    automaticDeserialization: false,
    enableAutoPipelining: false,
    enableTelemetry: false,
    readYourWrites: false,
    responseEncoding: false,
  });
}
