import type { Engines } from "./engines.ts";

/** An engine whose ping takes longer than this counts as down. */
const TIMEOUT_MS = 2_000;

type Health = "up" | "down";

/** Pings all three engines in parallel. */
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
  const timeout = new Promise<Health>((resolve) => {
    timer = setTimeout(() => resolve("down"), TIMEOUT_MS);
  });
  const ping = engine.ping().then(
    (): Health => "up",
    (): Health => "down",
  );
  try {
    return await Promise.race([ping, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
