import type { Engines } from "./engines.ts";

/** An engine that has not answered for so long is as good as down to whoever waits for it. */
const PATIENCE_MS = 2_000;

type Health = "up" | "down";

/** Asks all three engines at once whether they answer. */
export async function checkHealth({
  kafka,
  redis,
  postgres,
}: Engines): Promise<{ healthy: boolean; engines: Record<"kafka" | "redis" | "postgres", Health> }> {
  const [kafkaHealth, redisHealth, postgresHealth] = await Promise.all(
    [kafka, redis, postgres].map(healthOf),
  );
  const engines = {
    kafka: kafkaHealth ?? "down",
    redis: redisHealth ?? "down",
    postgres: postgresHealth ?? "down",
  };
  return { healthy: Object.values(engines).every((health) => health === "up"), engines };
}

async function healthOf(engine: { ping(): Promise<void> }): Promise<Health> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<Health>((resolve) => {
    timer = setTimeout(() => resolve("down"), PATIENCE_MS);
  });
  const answer = engine.ping().then(
    (): Health => "up",
    (): Health => "down",
  );
  try {
    return await Promise.race([answer, patience]);
  } finally {
    clearTimeout(timer);
  }
}
