import { setTimeout as sleep } from "node:timers/promises";
import { CONNECT_SERVERS, type FaultySystem } from "./faulty-system.ts";
import type { Random } from "./random.ts";
import { type Disturbance, STORES } from "./store-proxy.ts";
import type { World } from "./world.ts";

/** What a fault breaks. */
export type Target = {
  faulty: FaultySystem;
  world: World;
  /** Aborted when the run is to end at once; what is broken stays so. */
  over: AbortSignal;
};

/** One way to break the system. */
export type Fault = {
  name: string;
  /** Breaks something, for a time, and mends it. */
  run: (target: Target, random: Random) => Promise<void>;
};

/** How long something stays disturbed, and how long a process stays paused (milliseconds). */
const DISTURBED_MS = [1_000, 12_000] as const;
const PAUSED_MS = [2_000, 40_000] as const;
const DISTURBANCES: readonly Disturbance[] = ["slow", "refused", "silent", "cut"];
/** How many sockets a storm opens at once. */
const STORM = 200;

const killed: Fault[] = [
  {
    name: "the gateway is killed",
    run: async ({ faulty }) => {
      await faulty.gateway.kill();
      await faulty.stores.emptyRedis();
      await faulty.gateway.healthy();
    },
  },
  { name: "all Workers are killed", run: ({ faulty }) => faulty.system.killWorkers() },
  { name: "API, logic and task are killed", run: ({ faulty }) => faulty.system.killProgram("core") },
  ...CONNECT_SERVERS.map((serverId) => ({
    name: `connect server ${serverId} is killed`,
    run: ({ faulty }: Target) => faulty.system.killConnectServer(serverId),
  })),
];

const paused: Fault[] = [
  {
    name: "the gateway is paused",
    run: async ({ faulty, over }, random) => {
      faulty.gateway.pause();
      await sleep(random.between(...PAUSED_MS), undefined, { signal: over });
      faulty.gateway.resume();
    },
  },
  ...["core", ...CONNECT_SERVERS.map((serverId) => `connect-${serverId}`)].map((program) => ({
    name: `${program} is paused`,
    run: async ({ faulty, over }: Target, random: Random) => {
      faulty.system.pauseProgram(program);
      await sleep(random.between(...PAUSED_MS), undefined, { signal: over });
      faulty.system.resumeProgram(program);
    },
  })),
];

const disturbed: Fault[] = STORES.flatMap((store) =>
  DISTURBANCES.map((how) => ({
    name: `${store} is ${how}`,
    run: async ({ faulty, over }: Target, random: Random) => {
      faulty.proxy.disturb(store, how);
      await sleep(random.between(...DISTURBED_MS), undefined, { signal: over });
      faulty.proxy.heal(store);
    },
  })),
);

const clients: Fault[] = [
  {
    name: "every device loses its socket",
    run: async ({ world }) => {
      await Promise.all(
        world.people.flatMap(({ devices }) => devices.map(({ device }) => device.loseSocket())),
      );
    },
  },
  {
    name: `a storm of ${STORM} sockets`,
    run: async ({ world }, random) => {
      const sockets = Array.from({ length: STORM }, () =>
        random
          .oneOf(world.people)
          ?.client.connect()
          .catch(() => undefined),
      );
      for (const socket of await Promise.all(sockets)) void socket?.close();
    },
  },
];

/** Everything that can break. */
export const FAULTS: readonly Fault[] = [...killed, ...paused, ...disturbed, ...clients];
