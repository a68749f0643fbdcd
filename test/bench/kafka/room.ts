import { readFile } from "node:fs/promises";

/** Of a topic's two indexes. */
const MAPS_A_TOPIC = 2;
/** Maps and files of a broker for other things. */
const SPARE = 2_000;

/** Throws when a broker with so many topics would reach a bound of Linux, which ends it in the middle of the work. */
export async function requireRoom(topics: number): Promise<void> {
  const maps = topics * MAPS_A_TOPIC + SPARE;
  const mapsBound = Number(await readFile("/proc/sys/vm/max_map_count", "utf8").catch(() => maps));
  if (maps > mapsBound) throw new Error(`A broker with ${topics} topics needs vm.max_map_count=${maps}`);
  const limits = await readFile("/proc/self/limits", "utf8").catch(() => "");
  const filesBound = Number(/Max open files +\S+ +(\d+)/.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
  if (topics + SPARE > filesBound)
    throw new Error(
      `A broker may open ${filesBound} files here, too few for ${topics} topics: use more --brokers`,
    );
}
