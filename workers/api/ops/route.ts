import { createRoute, type RouteConfig } from "@hono/zod-openapi";

/**
 * A route for operators. Not in the OpenAPI document, which describes the contract with clients; docs/operation.md has
 * these.
 */
export function operatorRoute<Path extends string, Config extends RouteConfig & { path: Path }>(
  config: Config,
) {
  return createRoute({ ...config, hide: true });
}
