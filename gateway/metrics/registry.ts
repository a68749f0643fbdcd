import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { PROTOCOLS, type Protocol } from "../access/client.ts";
import type { Engines } from "../engines.ts";
import { checkHealth } from "../health.ts";
import type { Counters } from "./counters.ts";
import type { Traffic } from "./traffic.ts";

/** What the metrics are read from. */
export interface MetricSources {
  readonly counters: Counters;
  readonly engines: Engines;
  readonly traffic: Traffic;
}

/** The metrics of a gateway. */
export interface Metrics {
  /** Notes how long a request took. */
  observe(protocol: Protocol, operation: string, seconds: number): void;
  /** All metrics in the text format of Prometheus. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** In seconds. The last ones are those of fetches that wait for records, which take up to a minute. */
const BUCKETS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60];

/** Makes the metrics. All but the durations are read from their sources when they are asked for. */
export function newMetrics(sources: MetricSources): Metrics {
  const registry = new Registry();
  const durations = new Histogram({
    name: "gateway_request_duration_seconds",
    help: "How long requests take until their response is ready.",
    labelNames: ["protocol", "operation"],
    buckets: BUCKETS,
    registers: [registry],
  });
  addCounters(registry, sources);
  addGauges(registry, sources);
  collectDefaultMetrics({ register: registry });
  return {
    observe: (protocol, operation, seconds) => durations.observe({ protocol, operation }, seconds),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

/** A value with its labels. */
type Sample<Label extends string> = readonly [labels: Record<Label, string>, value: number];

function addCounters(registry: Registry, { counters, traffic }: MetricSources): void {
  const counter = <Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    samples: () => readonly Sample<Label>[],
  ) =>
    new Counter<Label>({
      ...{ name: `gateway_${name}_total`, help, labelNames, registers: [registry] },
      collect() {
        this.reset();
        for (const [labels, value] of samples()) this.inc(labels, value);
      },
    });
  counter("requests", "Requests, by the status of their response.", ["protocol", "operation", "status"], () =>
    PROTOCOLS.flatMap((protocol) =>
      Object.entries(counters.requests[protocol]).flatMap(([operation, statuses]) =>
        Object.entries(statuses).map(([status, value]) => [{ protocol, operation, status }, value] as const),
      ),
    ),
  );
  counter("records", "Records of the log.", ["direction"], () => labelled("direction", counters.records));
  counter("commands", "Redis commands.", ["command"], () => labelled("command", counters.commands));
  counter("statements", "SQL statements.", [], () => [[{}, counters.statements]]);
  counter("bytes", "Bytes over HTTP, headers included.", ["direction"], () =>
    labelled("direction", traffic.bytes),
  );
}

function addGauges(registry: Registry, { counters, engines }: MetricSources): void {
  const gauge = <Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    samples: () => readonly Sample<Label>[] | Promise<readonly Sample<Label>[]>,
  ) =>
    new Gauge<Label>({
      ...{ name: `gateway_${name}`, help, labelNames, registers: [registry] },
      async collect() {
        for (const [labels, value] of await samples()) this.set(labels, value);
      },
    });
  gauge("requests_in_progress", "Requests that have no response yet.", ["protocol"], () =>
    labelled("protocol", counters.inProgress),
  );
  gauge("engine_up", "Whether the engine replies.", ["engine"], async () => {
    const health = Object.entries((await checkHealth(engines)).engines);
    return health.map(([engine, state]) => [{ engine }, state === "up" ? 1 : 0] as const);
  });
  gauge("queue_length", "What waits in an engine, or is busy.", ["engine", "queue"], () =>
    (["kafka", "redis", "postgres"] as const).flatMap((engine) =>
      Object.entries(engines[engine].queues()).map(([queue, value]) => [{ engine, queue }, value] as const),
    ),
  );
}

function labelled<Label extends string>(
  label: Label,
  values: Readonly<Record<string, number>>,
): readonly Sample<Label>[] {
  return Object.entries(values).map(([name, value]) => [{ [label]: name } as Record<Label, string>, value]);
}
