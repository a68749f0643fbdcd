import { z } from "zod";
import { SessionId, Timestamp } from "./ids.ts";
import { isStorable, UNSTORABLE } from "./text.ts";
import { DisplayName, Password, User, Username } from "./user.ts";

/** Whether the refresh token goes into a cookie that scripts cannot read, instead of the response: for browsers. */
const cookie = z.boolean().optional();

export const Registration = z
  .object({ username: Username, password: Password, displayName: DisplayName.optional(), cookie })
  .meta({ id: "Registration" });
export type Registration = z.infer<typeof Registration>;

/** A login accepts any strings: a name that cannot be registered is refused as an unknown one. */
export const Credentials = z
  .object({
    username: z.string().max(256).refine(isStorable, UNSTORABLE),
    password: z.string().max(512),
    cookie,
  })
  .meta({ id: "Credentials" });
export type Credentials = z.infer<typeof Credentials>;

/** A refresh token of an earlier response or, with `cookie` alone, that of the cookie. */
export const RefreshRequest = z
  .object({ refreshToken: z.string().min(1).max(1024).optional(), cookie })
  .refine(({ refreshToken, cookie }) => refreshToken !== undefined || cookie === true, {
    path: ["refreshToken"],
    message: "is required without cookie",
  })
  .meta({ id: "RefreshRequest" });

export const PasswordChange = z
  .object({ current: z.string().max(512), next: Password })
  .meta({ id: "PasswordChange" });

export const AccountDeletion = z.object({ password: z.string().max(512) }).meta({ id: "AccountDeletion" });

/** A signed-in account; `expiresIn` is the access token's lifetime in seconds. */
export const SignedIn = z
  .object({ user: User, accessToken: z.string(), refreshToken: z.string(), expiresIn: z.int() })
  .meta({ id: "SignedIn" });
export type SignedIn = z.infer<typeof SignedIn>;

/** The same for a browser, whose refresh token is in a cookie. */
export const SignedInByCookie = SignedIn.omit({ refreshToken: true }).meta({ id: "SignedInByCookie" });
export type SignedInByCookie = z.infer<typeof SignedInByCookie>;

/** A signed-in device of the caller; `current` is true for the session that makes the request. */
export const Session = z
  .object({
    id: SessionId,
    device: z.string(),
    createdAt: Timestamp,
    usedAt: Timestamp,
    current: z.boolean(),
  })
  .meta({ id: "Session" });
export type Session = z.infer<typeof Session>;
