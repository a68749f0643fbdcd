import type { SessionId } from "../schema/wire/ids.ts";
import { ACCESS_TOKEN_SECONDS } from "./access-token.ts";
import type { Redis } from "./redis.ts";
import { redisKeys } from "./redis-keys.ts";

type Pipeline = ReturnType<Redis["pipeline"]>;

/** Marks a session as ended until its last access token has expired: until then they are refused. Part of a pipeline. */
export function markSessionEnded(pipeline: Pipeline, sessionId: SessionId): void {
  pipeline.set(redisKeys.endedSession(sessionId), "1", { ex: ACCESS_TOKEN_SECONDS });
}
