import fc from "fast-check";
import { it } from "vitest";
import { useSharedSystem } from "../harness/use-system.ts";
import { anyCommands, BEGINNING } from "./commands.ts";
import { compareAll } from "./compare.ts";
import { World } from "./world.ts";

const system = useSharedSystem();

/**
 * How much to try: `MODEL_RUNS` times up to `MODEL_COMMANDS` commands, which follow from `MODEL_SEED`. A failure prints the
 * seed and the path: with `MODEL_SEED` and `MODEL_PATH`, the commands that failed are run again. `MODEL_SHRINK=1` looks for
 * fewer commands that fail.
 */
const { MODEL_RUNS = "2", MODEL_SEED = "1", MODEL_COMMANDS = "100", MODEL_PATH, MODEL_SHRINK } = process.env;

const PEOPLE = 3;

it("whatever people do, every device shows what the model has", { timeout: 3_600_000 }, async () => {
  const property = fc.asyncProperty(anyCommands(Number(MODEL_COMMANDS)), async (commands) => {
    const { model, real } = await World.open(system().url, PEOPLE);
    try {
      await fc.asyncModelRun(() => ({ model, real }), [...BEGINNING, ...commands]);
      await compareAll(model, real);
    } finally {
      await real.close();
    }
  });
  await fc.assert(property, {
    numRuns: Number(MODEL_RUNS),
    seed: Number(MODEL_SEED),
    endOnFailure: MODEL_SHRINK === undefined,
    ...(MODEL_PATH !== undefined && { path: MODEL_PATH }),
  });
});
