import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

/** Random choices that follow from a seed. */
export class Random {
  readonly #generator: RandomGenerator;

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed);
  }

  /** A whole number, both ends among them. */
  between(low: number, high: number): number {
    return uniformInt(this.#generator, low, high);
  }

  /** One of some; undefined when there are none. */
  oneOf<Value>(values: readonly Value[]): Value | undefined {
    return values.length === 0 ? undefined : values[this.between(0, values.length - 1)];
  }

  /** Others of its own, so that what one part of a run chooses does not depend on how far another one is. */
  child(): Random {
    return new Random(this.between(0, 0x7fff_ffff));
  }
}
