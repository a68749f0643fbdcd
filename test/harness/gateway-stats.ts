/** The response of the gateway's `GET /stats`: counters since its start. */
export type GatewayStats = {
  kafka: { requests: Record<string, number>; records: { produced: number; fetched: number } };
  redis: { requests: number; commands: Record<string, number> };
  postgres: { requests: number; statements: number };
  process: { cpuSeconds: number };
};
