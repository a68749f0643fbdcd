/** A member of a sorted set. */
export interface Scored {
  readonly member: string;
  readonly score: number;
}

/** Members in the order of their scores, or of their bytes when scores are equal. */
export class SortedSet {
  readonly #scores = new Map<string, number>();
  readonly #order: Scored[] = [];

  get size(): number {
    return this.#order.length;
  }

  score(member: string): number | undefined {
    return this.#scores.get(member);
  }

  /** Adds a member, or moves it to its new score. */
  put(member: string, score: number): void {
    if (this.#scores.get(member) === score) return;
    this.delete(member);
    this.#scores.set(member, score);
    this.#order.splice(this.#place(member, score), 0, { member, score });
  }

  delete(member: string): boolean {
    const rank = this.rank(member);
    if (rank === undefined) return false;
    this.removeRange(rank, rank + 1);
    return true;
  }

  /** The number of members before this one. */
  rank(member: string): number | undefined {
    const score = this.#scores.get(member);
    return score === undefined ? undefined : this.#place(member, score);
  }

  /** The members of a range of ranks, without its end. */
  range(start = 0, end = this.size): Scored[] {
    return this.#order.slice(start, end);
  }

  /** Removes the members of a range of ranks, without its end, and returns them. */
  removeRange(start: number, end: number): Scored[] {
    const removed = this.#order.splice(start, end - start);
    for (const { member } of removed) this.#scores.delete(member);
    return removed;
  }

  /** The number of members at the start for which `isBefore` is true. It must be false for all members after those. */
  countWhile(isBefore: (item: Scored) => boolean): number {
    let low = 0;
    let high = this.#order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const item = this.#order[middle];
      if (item !== undefined && isBefore(item)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #place(member: string, score: number): number {
    return this.countWhile((item) => item.score < score || (item.score === score && item.member < member));
  }
}
