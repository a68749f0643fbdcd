/** The pairs of a flat list, as Redis returns hashes and scores: name, value, name, …. */
export function pairsOf<Item>(flat: readonly Item[]): [Item, Item][] {
  const found: [Item, Item][] = [];
  for (const [index, value] of flat.entries()) {
    const key = flat[index - 1];
    if (index % 2 === 1 && key !== undefined) found.push([key, value]);
  }
  return found;
}
