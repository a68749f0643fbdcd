import { z } from "zod";

/** At most `count` uses in each window of `seconds`; windows begin at multiples of their length. */
export type RateLimit = { count: number; seconds: number };

/** The error message for a limit in another form. */
export const RATE_LIMIT_FORM = "must be a count, or a count/seconds like 10/900";

/** How a limit is written: `10/900` is 10 in 900 s, and `600` is 600 in a minute. */
export const RateLimit = z
  .string()
  .regex(/^[1-9]\d{0,8}(\/[1-9]\d{0,4})?$/, RATE_LIMIT_FORM)
  .transform((text): RateLimit => {
    const [count, seconds = 60] = text.split("/").map(Number);
    return { count: Number(count), seconds };
  });

/**
 * Every limit of the API: its meaning, its value in wrangler.toml, and its default in `npm start`. A request that
 * RATE_LIMIT_LOGIN refuses does not count towards RATE_LIMIT_LOGIN_ACCOUNT: an attacker who tries passwords from one
 * address cannot lock the owner out.
 */
export const RATE_LIMITS = {
  RATE_LIMIT_LOGIN: {
    production: "10/900",
    development: "10000/60",
    meaning: "Logins to one user name from one address.",
  },
  RATE_LIMIT_LOGIN_ACCOUNT: {
    production: "100/900",
    development: "10000/60",
    meaning: "Logins to one user name from all addresses, without those that RATE_LIMIT_LOGIN refused.",
  },
  RATE_LIMIT_LOGIN_ADDRESS: {
    production: "300/600",
    development: "100000/60",
    meaning: "Logins from one address.",
  },
  RATE_LIMIT_REGISTER: {
    production: "100/3600",
    development: "100000/60",
    meaning: "Registrations from one address.",
  },
  RATE_LIMIT_REFRESH: { production: "30/60", development: "10000/60", meaning: "Refreshes of one session." },
  RATE_LIMIT_REFRESH_ADDRESS: {
    production: "60/60",
    development: "100000/60",
    meaning: "Refreshes from one address with what is no refresh token.",
  },
  RATE_LIMIT_PASSWORD: {
    production: "10/900",
    development: "10000/60",
    meaning: "Changes of one user's password.",
  },
  RATE_LIMIT_UPLOAD: { production: "200/3600", development: "100000/60", meaning: "Uploads of one user." },
  RATE_LIMIT_EXPORT: {
    production: "10/3600",
    development: "10000/60",
    meaning: "Exports of one user's data.",
  },
  RATE_LIMIT_API: {
    production: "600/60",
    development: "100000/60",
    meaning: "All other requests of one user.",
  },
} as const satisfies Record<string, { production: string; development: string; meaning: string }>;

export type RateLimitName = keyof typeof RATE_LIMITS;

/** Calls `make` for each limit; returns the results by name. */
export function forEachLimit<Value>(make: (name: RateLimitName) => Value): Record<RateLimitName, Value> {
  const names = Object.keys(RATE_LIMITS) as RateLimitName[];
  return Object.fromEntries(names.map((name) => [name, make(name)])) as Record<RateLimitName, Value>;
}
