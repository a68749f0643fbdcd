import { type LogEngine, LogRequestError, type StoredRecord, type TopicOffset } from "./engine.ts";

/** The parameters of one `consume` request. */
export interface ConsumeRequest {
  readonly group: string;
  readonly instance: string;
  readonly topics: readonly string[];
  readonly timeout: number;
  readonly autoCommit: boolean;
  readonly autoCommitInterval: number;
  readonly autoOffsetReset: "earliest" | "latest" | "none";
}

/** A member of a consumer group: its subscriptions, and the next offset of each topic assigned to it. */
interface Instance {
  topics: readonly string[];
  positions: Map<string, number>;
  autoCommit: boolean;
  commitTimer: NodeJS.Timeout | undefined;
  lastSeen: number;
}

/** An instance that has not consumed for this long is removed from its group; the others take over its topics. */
const SESSION_MS = 60_000;

/**
 * Consumer groups on a log that only knows offsets. The instances of a group share its topics: each topic is assigned to
 * one of its subscribers, by their sorted order, until an instance joins or leaves. Membership is in memory; committed
 * offsets are in the log, so a group continues from them after a restart.
 */
export class ConsumerGroups {
  readonly #log: LogEngine;
  readonly #groups = new Map<string, Map<string, Instance>>();

  constructor(log: LogEngine) {
    this.#log = log;
  }

  /** The next records of the topics that belong to this instance. */
  async consume(request: ConsumeRequest, signal: () => AbortSignal): Promise<readonly StoredRecord[]> {
    const { group, topics, timeout, autoCommit } = request;
    const instance = this.#join(request);
    const own = topics.filter((topic) => this.#owner(group, topic) === instance);
    await this.#drop(group, instance, (topic) => !own.includes(topic));
    await this.#findPositions(request, instance, own);
    const from = own.map((topic) => ({ topic, partition: 0, offset: instance.positions.get(topic) ?? 0 }));
    const records = from.length === 0 ? [] : await this.#log.fetch(from, timeout, signal);
    for (const { topic, offset } of records) instance.positions.set(topic, offset + 1);
    if (autoCommit && records.length > 0) this.#commitLater(group, instance, request.autoCommitInterval);
    return records;
  }

  /** Commits all that the instance has consumed so far. */
  async commitConsumed(group: string, name: string): Promise<void> {
    const instance = this.#groups.get(group)?.get(name);
    if (instance === undefined) throw new LogRequestError(`Group ${group} has no consumer instance ${name}`);
    await this.#commit(group, instance.positions, () => true);
  }

  /** Removes an instance from its group; its topics are assigned to the others at once. */
  async remove(group: string, name: string): Promise<void> {
    const instance = this.#groups.get(group)?.get(name);
    if (instance === undefined) throw new LogRequestError(`Group ${group} has no consumer instance ${name}`);
    await this.#leave(group, name, instance);
  }

  /** Every group with its instances and the topics of each, in the protocol's response format. */
  list() {
    return [...this.#groups].map(([group, instances]) => ({
      name: group,
      instances: [...instances].map(([name, instance]) => ({
        name,
        topics: instance.topics
          .filter((topic) => this.#owner(group, topic) === instance)
          .map((topic) => ({ topic, partitions: [0] })),
      })),
    }));
  }

  /** Makes the pending automatic commits and removes all instances. */
  async close(): Promise<void> {
    for (const [group, instances] of this.#groups) {
      for (const [name, instance] of instances) await this.#leave(group, name, instance);
    }
  }

  #join({ group, instance: name, topics, autoCommit }: ConsumeRequest): Instance {
    const now = Date.now();
    const instances = this.#groups.get(group) ?? new Map<string, Instance>();
    this.#groups.set(group, instances);
    for (const [other, { lastSeen }] of instances) if (lastSeen < now - SESSION_MS) instances.delete(other);
    const instance = instances.get(name) ?? {
      topics,
      positions: new Map<string, number>(),
      autoCommit,
      commitTimer: undefined,
      lastSeen: now,
    };
    Object.assign(instance, { topics, autoCommit, lastSeen: now });
    instances.set(name, instance);
    return instance;
  }

  #owner(group: string, topic: string): Instance | undefined {
    const instances = [...(this.#groups.get(group) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
    const subscribed = instances.filter(([, { topics }]) => topics.includes(topic));
    const topics = [...new Set(instances.flatMap(([, instance]) => instance.topics))].sort();
    return subscribed[topics.indexOf(topic) % subscribed.length]?.[1];
  }

  /** Commits and forgets topics now assigned to another instance, so that it starts where this one stopped. */
  async #drop(group: string, instance: Instance, lost: (topic: string) => boolean): Promise<void> {
    if (instance.autoCommit) await this.#commit(group, instance.positions, lost);
    for (const topic of [...instance.positions.keys()]) if (lost(topic)) instance.positions.delete(topic);
  }

  /** Sets the position in newly assigned topics: the group's committed offset, or that of `autoOffsetReset`. */
  async #findPositions(request: ConsumeRequest, instance: Instance, own: readonly string[]): Promise<void> {
    const fresh = own
      .filter((topic) => !instance.positions.has(topic))
      .map((topic) => ({ topic, partition: 0 }));
    if (fresh.length === 0) return;
    const [committed, earliest, latest] = await Promise.all([
      this.#log.committed(request.group, fresh),
      this.#log.offsets(fresh, "earliest"),
      this.#log.offsets(fresh, "latest"),
    ]);
    fresh.forEach(({ topic }, index) => {
      const [start, end] = [earliest[index]?.offset ?? 0, latest[index]?.offset ?? 0];
      const offset = committed.find((entry) => entry.topic === topic)?.offset;
      const usable = offset !== undefined && offset >= start && offset <= end;
      if (!usable && request.autoOffsetReset === "none") {
        throw new LogRequestError(`Group ${request.group} has no usable offset for topic ${topic}`);
      }
      instance.positions.set(topic, usable ? offset : request.autoOffsetReset === "earliest" ? start : end);
    });
  }

  #commitLater(group: string, instance: Instance, ms: number): void {
    instance.commitTimer ??= setTimeout(() => {
      instance.commitTimer = undefined;
      // A failure is harmless: the next commit covers these offsets; until then, records may be delivered again.
      this.#commit(group, instance.positions, () => true).catch(() => undefined);
    }, ms).unref();
  }

  async #commit(
    group: string,
    positions: Map<string, number>,
    which: (topic: string) => boolean,
  ): Promise<void> {
    const offsets = [...positions].flatMap(([topic, offset]): TopicOffset[] =>
      which(topic) ? [{ topic, partition: 0, offset }] : [],
    );
    if (offsets.length > 0) await this.#log.commit(group, offsets);
  }

  async #leave(group: string, name: string, instance: Instance): Promise<void> {
    clearTimeout(instance.commitTimer);
    await this.#drop(group, instance, () => true);
    const instances = this.#groups.get(group);
    instances?.delete(name);
    if (instances?.size === 0) this.#groups.delete(group);
  }
}
