/** Fetches that wait for a record in any of several topics. */
export class TopicWaiters {
  readonly #byTopic = new Map<string, Set<() => void>>();

  /** The number of topics for which fetches wait. */
  get topics(): number {
    return this.#byTopic.size;
  }

  /** Resolves when a topic is woken, after `ms`, or when the signal aborts, whichever is first. */
  wait(topics: readonly string[], ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", finish);
        for (const topic of topics) this.#remove(topic, finish);
        resolve();
      };
      const timer = setTimeout(finish, ms);
      signal.addEventListener("abort", finish);
      for (const topic of topics) this.#add(topic, finish);
    });
  }

  /** Ends the waits for this topic. */
  wake(topic: string): void {
    for (const finish of [...(this.#byTopic.get(topic) ?? [])]) finish();
  }

  /** Ends all waits. */
  wakeAll(): void {
    for (const topic of [...this.#byTopic.keys()]) this.wake(topic);
  }

  #add(topic: string, finish: () => void): void {
    const waiting = this.#byTopic.get(topic);
    if (waiting === undefined) this.#byTopic.set(topic, new Set([finish]));
    else waiting.add(finish);
  }

  #remove(topic: string, finish: () => void): void {
    const waiting = this.#byTopic.get(topic);
    waiting?.delete(finish);
    if (waiting?.size === 0) this.#byTopic.delete(topic);
  }
}
