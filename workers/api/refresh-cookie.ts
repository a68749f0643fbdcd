import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { originAllowed } from "../../lib/origin.ts";
import { Problem } from "../../lib/problem.ts";
import type { SignedIn, SignedInByCookie } from "../../schema/wire/account.ts";
import type { ApiHono } from "./context.ts";

const NAME = "edge_im_refresh";
/** Sent to the routes that take it, and to no other. */
const PATH = "/api/v1/auth";

/**
 * The response to a sign-in. With `byCookie`, as browsers ask for it, the refresh token is in a cookie that no script can
 * read, and not in the response.
 */
export function signedIn(
  context: Context<ApiHono>,
  session: SignedIn,
  byCookie: boolean,
): SignedIn | SignedInByCookie {
  if (!byCookie) return session;
  const { refreshToken, ...rest } = session;
  setCookie(context, NAME, refreshToken, {
    httpOnly: true,
    sameSite: "Strict",
    secure: isSecure(context),
    path: PATH,
    maxAge: context.var.api.settings.SESSION_DAYS * 86_400,
  });
  return rest;
}

/** The refresh token of the request's cookie. */
export function cookieToken(context: Context): string | undefined {
  return getCookie(context, NAME);
}

/** Has the browser forget the cookie, if it has sent one. */
export function forgetCookie(context: Context): void {
  if (cookieToken(context) !== undefined)
    deleteCookie(context, NAME, { path: PATH, secure: isSecure(context) });
}

/**
 * Throws `origin_not_allowed` when another site's page sends the request: a browser adds the cookie by itself, so the
 * cookie alone does not show who asks.
 */
export function requireOwnOrigin(context: Context<ApiHono>): void {
  const { settings } = context.var.api;
  const { host } = new URL(context.req.url);
  if (!originAllowed(context.req.header("Origin") ?? null, host, settings.ALLOWED_ORIGINS)) {
    throw new Problem("origin_not_allowed");
  }
}

/** Plain HTTP is for development only, and has no secure cookies. */
function isSecure(context: Context): boolean {
  return new URL(context.req.url).protocol === "https:";
}
