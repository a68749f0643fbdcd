/** One producer's items, first in, first out. */
class Lane<Item> {
  /** The total weight of its items. */
  weight = 0;
  #items: { item: Item; weight: number }[] = [];
  #head = 0;

  get first(): { item: Item; weight: number } | undefined {
    return this.#items[this.#head];
  }

  push(item: Item, weight: number): void {
    this.#items.push({ item, weight });
    this.weight += weight;
  }

  shift(): void {
    this.weight -= this.first?.weight ?? 0;
    this.#head += 1;
    // Taken items are cut off only now and then: the cost of a shift stays constant on average.
    if (this.#head >= 1_024 && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
  }
}

/**
 * A queue that is fair between its producers: `take` goes round the producers that have waiting items and takes one item
 * from each in turn. The items of one producer keep their order.
 */
export class FairQueue<Producer, Item> {
  /** The producers with waiting items, in the order of their turns: the first is next. */
  readonly #lanes = new Map<Producer, Lane<Item>>();
  #weight = 0;

  get isEmpty(): boolean {
    return this.#lanes.size === 0;
  }

  /** The total weight of all waiting items. */
  get weight(): number {
    return this.#weight;
  }

  /** The total weight of one producer's waiting items. */
  weightOf(producer: Producer): number {
    return this.#lanes.get(producer)?.weight ?? 0;
  }

  add(producer: Producer, item: Item, weight: number): void {
    const lane = this.#lanes.get(producer) ?? new Lane<Item>();
    lane.push(item, weight);
    this.#lanes.set(producer, lane);
    this.#weight += weight;
  }

  /** Takes at most `items` items with at most `weight` in total; an item heavier than that is taken alone. */
  take(most: { items: number; weight: number }): Item[] {
    const taken: Item[] = [];
    let weight = 0;
    for (const [producer, lane] of this.#lanes) {
      const { first } = lane;
      if (first === undefined) continue;
      if (taken.length === most.items || (taken.length > 0 && weight + first.weight > most.weight)) break;
      taken.push(first.item);
      weight += first.weight;
      lane.shift();
      // Setting the key again moves it to the end of the map, which this loop visits last.
      this.#lanes.delete(producer);
      if (lane.first !== undefined) this.#lanes.set(producer, lane);
    }
    this.#weight -= weight;
    return taken;
  }

  /** Drops all waiting items of one producer. */
  drop(producer: Producer): void {
    this.#weight -= this.weightOf(producer);
    this.#lanes.delete(producer);
  }

  /** The producer with the most weight waiting. */
  heaviest(): Producer | undefined {
    let heaviest: Producer | undefined;
    let weight = -1;
    for (const [producer, lane] of this.#lanes) {
      if (lane.weight <= weight) continue;
      heaviest = producer;
      weight = lane.weight;
    }
    return heaviest;
  }
}
