/** How much one response may carry. */
export interface ShareLimits {
  readonly items: number;
  readonly bytes: number;
}

/** A source of items, read from where it stopped the last time. */
export interface ShareSource<Item> {
  /** Takes up to `items`, and stops after the one that reaches `bytes`. Fewer than both means that it is empty. */
  take(limits: ShareLimits): {
    readonly items: readonly Item[];
    readonly bytes: number;
    readonly empty: boolean;
  };
}

/**
 * Fills one response from many sources. Every round splits what is left evenly among those that still have something,
 * so a short source leaves its rest to the long ones and a long one cannot crowd out any other. A source may pass its
 * share of bytes by one item, so that an item larger than the share still gets through.
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
