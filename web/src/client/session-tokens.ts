import { z } from "zod";
import type { SignedInByCookie } from "../../../schema/wire/account.ts";
import { User } from "../../../schema/wire/user.ts";

const KEY = "im.session";

/** A token counts as expired this long before it is: its call takes time, and clocks differ. */
const MARGIN_MS = 30_000;

const Tokens = z.object({
  user: User,
  accessToken: z.string(),
  /** from before the refresh token was in a cookie: exchanged for a cookie by the next refresh */
  refreshToken: z.string().optional(),
  expiresAt: z.number(),
});

/** A signed-in account as this browser stores it; `expiresAt` is by this device's clock. */
export type Tokens = z.infer<typeof Tokens>;

/** The tokens in the browser's storage, which all tabs share. */
export class TokenStorage {
  readonly #storage: Storage;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /** The tokens; null when nobody is signed in, or when what is stored is not valid. */
  read(): Tokens | null {
    try {
      return Tokens.parse(JSON.parse(this.#storage.getItem(KEY) ?? "null"));
    } catch {
      return null;
    }
  }

  write(tokens: Tokens | null): void {
    if (tokens === null) this.#storage.removeItem(KEY);
    else this.#storage.setItem(KEY, JSON.stringify(tokens));
  }

  /** Whether a storage event of another tab is about the tokens. */
  concerns(event: StorageEvent): boolean {
    return event.key === KEY || event.key === null;
  }
}

/** The tokens of a response that signed in. The refresh token is in a cookie, out of reach of any script. */
export function tokensOf(answer: SignedInByCookie, now: number): Tokens {
  const { user, accessToken, expiresIn } = answer;
  return { user, accessToken, expiresAt: now + expiresIn * 1_000 };
}

/** Whether the access token can still be used. */
export function isFresh(tokens: Tokens, now: number): boolean {
  return now < tokens.expiresAt - MARGIN_MS;
}
