import type { z } from "zod";

/**
 * Parses a Worker's variables into typed settings, once per isolate (an isolate keeps its `env`). Throws an error that
 * names every bad variable and none of the values.
 */
export function environment<Schema extends z.ZodType>(schema: Schema): (env: object) => z.output<Schema> {
  const parsed = new WeakMap<object, z.output<Schema>>();
  return (env) => {
    const known = parsed.get(env);
    if (known !== undefined) return known;
    const result = schema.safeParse(env);
    if (!result.success) {
      const faults = result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
      throw new Error(`bad configuration: ${faults.join("; ")}`);
    }
    parsed.set(env, result.data);
    return result.data;
  };
}
