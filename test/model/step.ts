import fc from "fast-check";
import type { Model } from "./model.ts";
import type { World } from "./world.ts";

/** What to do in the world, and in the model; null when there is nothing in the model to do it to. */
export type Plan<Values> = (values: Values, model: Model) => ((world: World) => Promise<void>) | null;

/** A command whose values choose among what the model has when it is run. */
class Step<Values> implements fc.AsyncCommand<Model, World> {
  readonly #name: string;
  readonly #values: Values;
  readonly #plan: Plan<Values>;

  constructor(name: string, values: Values, plan: Plan<Values>) {
    this.#name = name;
    this.#values = values;
    this.#plan = plan;
  }

  check(model: Model): boolean {
    return this.#plan(this.#values, model) !== null;
  }

  async run(model: Model, world: World): Promise<void> {
    await this.#plan(this.#values, model)?.(world);
  }

  toString(): string {
    return `${this.#name}(${JSON.stringify(this.#values)})`;
  }
}

/** A command with one set of values. */
export function once<Values>(
  name: string,
  values: Values,
  plan: Plan<Values>,
): fc.AsyncCommand<Model, World> {
  return new Step(name, values, plan);
}

/** Commands with any values. */
export function step<Values>(
  name: string,
  values: { [Key in keyof Values]: fc.Arbitrary<Values[Key]> },
  plan: Plan<Values>,
): fc.Arbitrary<fc.AsyncCommand<Model, World>> {
  return fc.record(values).map((chosen) => once(name, chosen as Values, plan));
}

/** Chooses one of some things, whose number is known only when the command is run. */
export const choice = fc.noBias(fc.nat(0xffff));

/** The chosen one; undefined when there is none. */
export function pick<Item>(items: readonly Item[], choice: number): Item | undefined {
  return items[choice % items.length];
}
