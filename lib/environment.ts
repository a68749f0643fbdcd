import type { z } from "zod";

/** Calls `make` once per isolate and caches the value by `env`, which is the same object for an isolate's whole life. */
export function perEnvironment<Env extends object, Value>(make: (env: Env) => Value): (env: Env) => Value {
  const made = new WeakMap<Env, Value>();
  return (env) => {
    const known = made.get(env);
    if (known !== undefined) return known;
    const value = make(env);
    made.set(env, value);
    return value;
  };
}

/**
 * Parses a Worker's variables into typed settings, once per isolate. Throws an error that names every bad variable; it
 * contains no values, because some are secrets.
 */
export function environment<Schema extends z.ZodType>(schema: Schema): (env: object) => z.output<Schema> {
  return perEnvironment((env: object) => {
    const result = schema.safeParse(env);
    if (result.success) return result.data;
    const faults = result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new Error(`bad configuration: ${faults.join("; ")}`);
  });
}
