/** The bounds of one response. */
export interface ShareLimits {
  readonly items: number;
  readonly bytes: number;
}

/** A source of items. Each `take` continues where the last one stopped. */
export interface ShareSource<Item> {
  /** Takes up to `items` items, and stops after the item that reaches `bytes`. `empty` says that no item is left. */
  take(limits: ShareLimits): {
    readonly items: readonly Item[];
    readonly bytes: number;
    readonly empty: boolean;
  };
}

/**
 * Fills one response from many sources. Every round splits the remaining room evenly among the sources that are not
 * empty: the unused share of a short source goes to the long ones, and a long source cannot crowd out the others. A
 * source may exceed its share of bytes by one item, so that an item larger than the share is not stuck.
 */
export function fairShare<Item>(sources: readonly ShareSource<Item>[], limits: ShareLimits): Item[] {
  const taken: Item[] = [];
  let { items, bytes } = limits;
  let active = sources;
  while (active.length > 0 && items > 0 && bytes > 0) {
    const share = {
      items: Math.max(1, Math.floor(items / active.length)),
      bytes: Math.max(1, Math.floor(bytes / active.length)),
    };
    const stillActive: ShareSource<Item>[] = [];
    for (const source of active) {
      if (items <= 0 || bytes <= 0) break;
      const part = source.take(share);
      for (const item of part.items) taken.push(item);
      items -= part.items.length;
      bytes -= part.bytes;
      if (!part.empty) stillActive.push(source);
    }
    active = stillActive;
  }
  return taken;
}
