import type { MiddlewareHandler } from "hono";
import { secureHeaders } from "hono/secure-headers";

/** The headers of JSON: a browser that shows it as a page may load nothing. */
const strict = secureHeaders({
  contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  xFrameOptions: "DENY",
});

/** The headers of the API reference: its script comes from this origin, and its components set styles of their own. */
const reference = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'", "'unsafe-inline'"],
    imgSrc: ["'self'", "data:"],
    fontSrc: ["'self'", "data:"],
    connectSrc: ["'self'"],
    baseUri: ["'none'"],
    frameAncestors: ["'none'"],
  },
  xFrameOptions: "DENY",
});

/** Security headers for every response; `referencePath` is the page of the API reference. */
export function securityHeaders(referencePath: string): MiddlewareHandler {
  return (context, next) => (context.req.path === referencePath ? reference : strict)(context, next);
}
