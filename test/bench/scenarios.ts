import type { Part } from "./flags.ts";
import type { Order } from "./load/orders.ts";

/** A load with a name. */
export type Scenario = {
  part: Part;
  name: string;
  /** The unit of the figures: a message or a whole batch. */
  per: "message" | "batch";
  /** The unit of CPU time, per 1,000: each message of a group is delivered a hundred times. */
  cpuPer: "message" | "delivery";
  order: (seconds: number) => Order;
};

/** The loads for the bare Workers at these addresses. */
export function bareScenarios(echo: string, broadcast: string): Scenario[] {
  const bare = (kind: "echo" | "broadcast", sockets: number, underWay: number, name: string): Scenario => ({
    part: "ceiling",
    name,
    per: "message",
    cpuPer: kind === "echo" ? "message" : "delivery",
    order: (seconds) => ({
      kind,
      url: kind === "echo" ? echo : broadcast,
      sockets,
      underWay,
      seconds: Math.min(seconds, 5),
    }),
  });
  return [
    bare("echo", 1, 1, "Worker echoes: 1 socket, 1 under way"),
    bare("echo", 100, 5, "Worker echoes: 100 sockets, 5 under way in each"),
    bare("broadcast", 100, 10, "object broadcasts to 100, 10 under way"),
    bare("broadcast", 100, 50, "object broadcasts to 100, 50 under way"),
  ];
}

/** The loads for the system. */
export const SCENARIOS: readonly Scenario[] = [
  {
    part: "idle",
    name: "1 pair, idle",
    per: "message",
    cpuPer: "message",
    order: (seconds) => talk(1, 1, 0, seconds, 20),
  },
  {
    part: "pairs",
    name: "50 pairs, 10 under way in each",
    per: "message",
    cpuPer: "message",
    order: (seconds) => talk(50, 10, 0, seconds),
  },
  ...[10, 50].map(
    (underWay): Scenario => ({
      part: "group",
      name: `group of 100, ${underWay} under way`,
      per: "message",
      cpuPer: "delivery",
      order: (seconds) => talk(0, 0, underWay, seconds),
    }),
  ),
  batch("batch of 1", 1, 1, 20),
  batch("batch of 500, 1 conversation", 500, 1, 5),
  batch("batch of 500, 50 conversations", 500, 50, 5),
];

/** The warm-up before measuring. */
export const WARM_UP: Order = talk(50, 2, 2, 2);

/** The load for `--soak`, which only checks the promises. */
export function soakOrder(seconds: number): Order {
  return talk(50, 10, 10, seconds);
}

function talk(pairs: number, perPair: number, inGroup: number, seconds: number, pauseMs = 0): Order {
  return { kind: "talk", pairs, perPair, inGroup, seconds, pauseMs };
}

function batch(name: string, messages: number, pairs: number, rounds: number): Scenario {
  const order: Order = { kind: "batch", messages, pairs, rounds, pauseMs: 300 };
  return { part: "batch", name, per: "batch", cpuPer: "message", order: () => order };
}
