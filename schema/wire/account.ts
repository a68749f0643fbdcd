import { z } from "zod";
import { DisplayName, Password, User, Username } from "./user.ts";

export const Registration = z.object({
  username: Username,
  password: Password,
  displayName: DisplayName.optional(),
});
export type Registration = z.infer<typeof Registration>;

/** A login takes any strings: a name that could never be registered is just an unknown one. */
export const Credentials = z.object({ username: z.string().max(256), password: z.string().max(512) });
export type Credentials = z.infer<typeof Credentials>;

export const RefreshRequest = z.object({ refreshToken: z.string().min(1).max(1024) });

/** A signed-in account; `expiresIn` is the access token's life in seconds. */
export const SignedIn = z
  .object({ user: User, accessToken: z.string(), refreshToken: z.string(), expiresIn: z.int() })
  .meta({ id: "SignedIn" });
export type SignedIn = z.infer<typeof SignedIn>;
