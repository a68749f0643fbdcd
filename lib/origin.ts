import { z } from "zod";

/** `ALLOWED_ORIGINS`: origins such as `https://chat.example`, comma separated; the server's own is always allowed. */
export const AllowedOrigins = z
  .string()
  .default("")
  .transform((list) => list.split(",").map((origin) => origin.trim()))
  .pipe(z.array(z.string().refine(isOrigin, "must be origins, like https://chat.example")))
  .transform((origins) => new Set(origins.filter((origin) => origin !== "")));

/** Whether a page of this origin may open a socket, or use the cookie of a session. Only browsers send an origin, so a request without one may. */
export function originAllowed(origin: string | null, host: string, allowed: ReadonlySet<string>): boolean {
  if (origin === null || allowed.has(origin)) return true;
  return URL.parse(origin)?.host === host;
}

function isOrigin(text: string): boolean {
  return text === "" || URL.parse(text)?.origin === text;
}
