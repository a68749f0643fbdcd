import { SignedInByCookie } from "../../../schema/wire/account.ts";
import type { User } from "../../../schema/wire/user.ts";
import { callServer } from "./http.ts";
import { ApiProblem } from "./problem.ts";
import { isFresh, type TokenStorage, type Tokens, tokensOf } from "./session-tokens.ts";

/** A mutex: runs one piece of work at a time under a name, across all tabs. */
export type Exclusively = <T>(name: string, work: () => Promise<T>) => Promise<T>;

/** Who is signed in on this browser, and the tokens that prove it. Every tab shares them. */
export class Session {
  readonly #storage: TokenStorage;
  readonly #exclusively: Exclusively;
  readonly #listeners = new Set<() => void>();
  #tokens: Tokens | null;
  #refreshing: Promise<string> | null = null;

  constructor(storage: TokenStorage, exclusively: Exclusively) {
    this.#storage = storage;
    this.#exclusively = exclusively;
    this.#tokens = storage.read();
  }

  /** The signed-in person, or null: the login page. */
  readonly user = (): User | null => this.#tokens?.user ?? null;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  async register(input: { username: string; password: string; displayName?: string }): Promise<void> {
    await this.#signIn("/auth/register", input);
  }

  async logIn(input: { username: string; password: string }): Promise<void> {
    await this.#signIn("/auth/login", input);
  }

  /** Ends the session here at once, and on the server if that can be reached. */
  async logOut(): Promise<void> {
    const token = await this.accessToken().catch(() => null);
    this.end();
    if (token === null) return;
    await callServer({ method: "POST", path: "/auth/logout", token }).catch((error: unknown) => {
      if (!(error instanceof ApiProblem)) throw error;
    });
  }

  /** Deletes the tokens: the server or the person has ended the session. */
  end(): void {
    this.#keep(null);
  }

  /** Stores a change of the signed-in person. */
  changeUser(user: User): void {
    if (this.#tokens !== null) this.#keep({ ...this.#tokens, user });
  }

  /** Another tab changed the tokens: reads them again. */
  reread(event: StorageEvent): void {
    if (!this.#storage.concerns(event)) return;
    this.#tokens = this.#storage.read();
    for (const listener of this.#listeners) listener();
  }

  /**
   * An access token that can be used. `refused` is one that the server has just refused, whatever its age. The refresh
   * token is used once for all calls of all tabs: using it twice would end the session.
   */
  async accessToken(refused?: string): Promise<string> {
    const usable = this.#usable(refused);
    if (usable !== null) return usable;
    this.#refreshing ??= this.#exclusively("im.refresh", () => this.#refresh(refused)).finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  #usable(refused: string | undefined): string | null {
    const tokens = this.#tokens;
    return tokens !== null && tokens.accessToken !== refused && isFresh(tokens, Date.now())
      ? tokens.accessToken
      : null;
  }

  async #refresh(refused: string | undefined): Promise<string> {
    // Another tab may have refreshed while this one waited for the mutex.
    this.#tokens = this.#storage.read();
    const usable = this.#usable(refused);
    if (usable !== null) return usable;
    if (this.#tokens === null) throw this.#ended();
    const { refreshToken } = this.#tokens;
    try {
      const request = { cookie: true, ...(refreshToken !== undefined && { refreshToken }) };
      const { body } = await callServer({ method: "POST", path: "/auth/refresh", body: request });
      const tokens = tokensOf(SignedInByCookie.parse(body), Date.now());
      this.#keep(tokens);
      return tokens.accessToken;
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 401) throw this.#ended();
      throw error;
    }
  }

  #ended(): ApiProblem {
    this.end();
    return new ApiProblem({ status: 401, code: "unauthenticated", message: "Please log in again" });
  }

  async #signIn(path: string, input: object): Promise<void> {
    const answer = await callServer({ method: "POST", path, body: { ...input, cookie: true } });
    this.#keep(tokensOf(SignedInByCookie.parse(answer.body), Date.now()));
  }

  #keep(tokens: Tokens | null): void {
    this.#tokens = tokens;
    this.#storage.write(tokens);
    for (const listener of this.#listeners) listener();
  }
}

/** Across tabs where the browser has locks, which is on secure pages only; else without a mutex. */
export const acrossTabs: Exclusively = async (name, work) => {
  if ("locks" in navigator) return navigator.locks.request(name, work);
  return work();
};
