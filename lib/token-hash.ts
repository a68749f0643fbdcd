const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

/**
 * The 32-bit hash of a growing string of characters, read at any length: FNV-1a over code points (draft-eastlake-fnv), mixed at
 * the end as MurmurHash3 does, because neighbouring characters differ in their lowest bits only. Far cheaper than a hash of
 * each beginning by itself.
 */
export class TokenHash {
  #state = OFFSET_BASIS;

  clear(): void {
    this.#state = OFFSET_BASIS;
  }

  add(code: number): void {
    this.#state = Math.imul(this.#state ^ code, PRIME);
  }

  /** As a signed number: what Postgres calls an integer. */
  value(): number {
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return mixed ^ (mixed >>> 16);
  }
}
