import type { Topic } from "../schema/internal/topic.ts";
import { redisKeys } from "./redis-keys.ts";
import type { DeliveryOutcome, HeldTopic } from "./rpc/connect.ts";

/** How long the next offset is kept; without it, the next drain reads the committed offset from the log. */
const NEXT_OFFSET_SECONDS = 86_400;

/**
 * For each topic, given by its lock, wake and next-offset keys: when the owner still holds the lock, stores where the
 * next drain starts and releases the lock. After a new wake-up the outcome is "again": the owner drains once more. The
 * counter is kept in that case, because the other drain may be between its wake-up and its attempt to lock.
 */
const SCRIPT = `
local owner, nextSeconds = ARGV[1], ARGV[2]
local outcomes = {}
for i = 1, #KEYS / 3 do
  local lock, wake, nextOffset = KEYS[3 * i - 2], KEYS[3 * i - 1], KEYS[3 * i]
  if redis.call("GET", lock) ~= owner then
    outcomes[i] = "lost"
  else
    if ARGV[2 * i + 2] ~= "" then redis.call("SET", nextOffset, ARGV[2 * i + 2], "EX", nextSeconds) end
    if tostring(redis.call("GET", wake) or "0") == ARGV[2 * i + 1] then
      redis.call("DEL", lock, wake)
      outcomes[i] = "released"
    else
      redis.call("DEL", lock)
      outcomes[i] = "again"
    end
  end
end
return table.concat(outcomes, " ")
`;

/** The part of a Redis client that is used here. */
type Scripts = { eval(script: string, keys: string[], args: string[]): Promise<string> };

/** Releases the owner's locks on delivered topics: one script call for any number of topics. */
export async function releaseTopics(
  redis: Scripts,
  owner: string,
  held: HeldTopic[],
): Promise<DeliveryOutcome> {
  const outcome: DeliveryOutcome = { released: [], again: [], failed: [] };
  if (held.length === 0) return outcome;
  const keys = held.flatMap(({ topic }) => [
    redisKeys.lock(topic),
    redisKeys.wake(topic),
    redisKeys.nextOffset(topic),
  ]);
  const args = held.flatMap(({ wake, nextOffset }) => [
    String(wake),
    nextOffset === null ? "" : String(nextOffset),
  ]);
  const reply = await redis.eval(SCRIPT, keys, [owner, String(NEXT_OFFSET_SECONDS), ...args]);
  const words = reply.split(" ");
  for (const [index, { topic }] of held.entries()) listFor(outcome, words[index]).push(topic);
  return outcome;
}

function listFor(outcome: DeliveryOutcome, word: string | undefined): Topic[] {
  if (word === "released") return outcome.released;
  if (word === "again") return outcome.again;
  return outcome.failed;
}
