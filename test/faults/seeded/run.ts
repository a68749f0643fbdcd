import { copyFile, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LOCK_MS } from "../../../lib/topic-lock.ts";
import type { Friend } from "../../../schema/wire/friend.ts";
import type { Group } from "../../../schema/wire/group.ts";
import type { Page } from "../../../schema/wire/page.ts";
import { untilItWorks } from "../device.ts";
import { check, type Violation } from "./checker.ts";
import { FAULTS } from "./faults.ts";
import { FaultySystem } from "./faulty-system.ts";
import type { Copy, RunHistory } from "./history.ts";
import { Random } from "./random.ts";
import { Workload } from "./workload.ts";
import { openWorld, type World } from "./world.ts";

/** The pause between two faults (milliseconds). */
const REST_MS = [1_000, 8_000] as const;
/**
 * How long the system may take, once nothing is broken, until everybody has everything and presence is right (milliseconds). A lock
 * of somebody who has died lapses first.
 */
const CALM_MS = 60_000 + LOCK_MS;
const LOOK_MS = 3_000;

/** What a run has shown. */
export type Outcome = {
  accepted: number;
  faults: string[];
  violations: (Violation | { kind: "presence"; what: string })[];
};

/**
 * Runs the system for a time under operations of all kinds, breaks one thing after the other as the seed chooses, lets it
 * calm down, and checks what everybody saw. Throws when it is `over` before.
 */
export async function runFaults(
  seed: number,
  durationMs: number,
  say: (what: string) => void,
  over: AbortSignal = new AbortController().signal,
): Promise<Outcome> {
  const random = new Random(seed);
  const faulty = await FaultySystem.start();
  let world: World | undefined;
  try {
    world = await openWorld(faulty.system.url);
    const workload = new Workload(world, random.child());
    const faults: string[] = [];
    const end = Date.now() + durationMs;
    while (Date.now() < end) {
      await sleep(random.between(...REST_MS), undefined, { signal: over });
      const fault = random.oneOf(FAULTS);
      if (fault === undefined) break;
      say(`${workload.accepted} accepted; ${fault.name}`);
      faults.push(fault.name);
      await fault.run({ faulty, world, over }, random.child());
    }
    say(`${workload.accepted} accepted; the end`);
    await workload.stop();
    const { history, violations } = await calm(world, workload, over);
    if (violations.length > 0) say(`what was seen is in ${await keep(seed, history, faulty)}`);
    return { accepted: workload.accepted, faults, violations };
  } finally {
    for (const { devices } of world?.people ?? []) for (const { device } of devices) device.close();
    await faulty.stop();
  }
}

/** Keeps what was seen of a run, and the system's logs; returns the folder. */
async function keep(seed: number, history: RunHistory, { logFiles }: FaultySystem): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `edge-im-faults-seed-${seed}-`));
  await writeFile(join(folder, "history.json"), JSON.stringify(history, null, 1));
  for (const file of logFiles) await copyFile(file, join(folder, basename(file)));
  return folder;
}

/** Waits until everybody has everything and presence is right; returns what everybody saw, and what stays wrong. */
async function calm(world: World, workload: Workload, over: AbortSignal) {
  const late = Date.now() + CALM_MS;
  for (;;) {
    const presence = await wrongPresence(world);
    const history = await historyOf(world, workload);
    const violations: Outcome["violations"] = [
      ...check(history),
      ...presence.map((what) => ({ kind: "presence" as const, what })),
    ];
    // Some, as a message that came twice, stay whatever comes; others may be gone at the next look.
    if (violations.length === 0 || Date.now() > late) return { history, violations };
    await sleep(LOOK_MS, undefined, { signal: over });
  }
}

/** Everybody is connected, so all friends and all members must be online. */
async function wrongPresence({ people, groups }: World): Promise<string[]> {
  const [anybody] = people;
  const offline = await Promise.all(
    people.map(async ({ client }) => {
      const { items } = await untilItWorks(() => client.do<Page<Friend>>("GET", "/friends"));
      return items
        .filter(({ online }) => !online)
        .map(({ user }) => `${user.username} is offline for ${client.user.username}`);
    }),
  );
  const counts = await Promise.all(
    groups.map(async ({ id }) => {
      const group = await untilItWorks(async () => anybody?.client.do<Group>("GET", `/groups/${id}`));
      if (group === undefined || group.onlineCount === group.memberCount) return [];
      return [`${group.onlineCount} of ${group.memberCount} are online in ${group.name}`];
    }),
  );
  return [...offline.flat(), ...counts.flat()];
}

async function historyOf(world: World, { performed }: Workload): Promise<RunHistory> {
  const readings: Copy[] = [];
  const devices: Copy[] = [];
  for (const { client, devices: own } of world.people) {
    for (const { id: conversation } of await untilItWorks(() => client.conversations())) {
      // One after the other: all of them at once would be over the limit of requests.
      const messages = await untilItWorks(() => client.wholeHistory(conversation));
      readings.push({ owner: client.user.username, conversation, messages });
      for (const { name, device } of own) {
        const held = device.messages(conversation).toSorted((a, b) => a.seq - b.seq);
        devices.push({ owner: name, conversation, messages: held });
      }
    }
  }
  return { performed, sockets: world.sockets, readings, devices };
}
