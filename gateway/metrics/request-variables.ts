import type { Right } from "../access/client.ts";

/** What is known of a request while it is served. */
export interface RequestVariables {
  /** What it asks for, of a small set of names. Set when the request is let in. */
  operation: string | undefined;
  /** What its client may do. */
  right: Right;
}

/** The type of a Hono application whose requests have these variables. */
export interface RequestEnvironment {
  Variables: RequestVariables;
}
