import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Exclusively, Session } from "./session.ts";
import { TokenStorage, type Tokens } from "./session-tokens.ts";
import { ann, memoryStorage } from "./testing.ts";

const stale: Tokens = { user: ann, accessToken: "a1", expiresAt: 0 };

/** The refresh token in the browser's cookie. */
let cookie: string;

/** A server whose refresh tokens are good once each: r1, then r2, and so on. */
function serverOfRefreshTokens() {
  let spent = 0;
  return vi.fn(async (_url: string, init: RequestInit) => {
    const { refreshToken = cookie } = JSON.parse(String(init.body));
    if (refreshToken !== `r${spent + 1}`) {
      const problem = {
        type: "about:blank",
        title: "",
        status: 401,
        detail: "",
        code: "invalid_refresh_token",
      };
      return Response.json(problem, { status: 401 });
    }
    spent += 1;
    cookie = `r${spent + 1}`;
    return Response.json({ user: ann, accessToken: `a${spent + 1}`, expiresIn: 900 });
  });
}

/** Locks as a browser has them for all tabs of a page. */
function sharedLocks(): Exclusively {
  let last: Promise<unknown> = Promise.resolve();
  return (_name, work) => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
}

let storage: TokenStorage;
let server: ReturnType<typeof serverOfRefreshTokens>;

beforeEach(() => {
  cookie = "r1";
  storage = new TokenStorage(memoryStorage());
  storage.write(stale);
  server = serverOfRefreshTokens();
  vi.stubGlobal("fetch", server);
});
afterEach(() => vi.unstubAllGlobals());

describe("a session", () => {
  it("refreshes once for calls that need a token at the same time", async () => {
    const session = new Session(storage, sharedLocks());
    const tokens = await Promise.all([session.accessToken(), session.accessToken(), session.accessToken()]);
    expect(tokens).toEqual(["a2", "a2", "a2"]);
    expect(server).toHaveBeenCalledOnce();
  });

  it("refreshes once for all tabs", async () => {
    const locks = sharedLocks();
    const tabs = [new Session(storage, locks), new Session(storage, locks), new Session(storage, locks)];
    expect(await Promise.all(tabs.map((tab) => tab.accessToken()))).toEqual(["a2", "a2", "a2"]);
    expect(server).toHaveBeenCalledOnce();
  });

  it("replaces a token that the server refused before its time", async () => {
    storage.write({ ...stale, expiresAt: Date.now() + 600_000 });
    const session = new Session(storage, sharedLocks());
    expect(await session.accessToken()).toBe("a1");
    expect(await session.accessToken("a1")).toBe("a2");
  });

  it("exchanges a refresh token that it still has in its storage for a cookie", async () => {
    cookie = "";
    storage.write({ ...stale, refreshToken: "r1" });
    const session = new Session(storage, sharedLocks());
    expect(await session.accessToken()).toBe("a2");
    expect(storage.read()).not.toHaveProperty("refreshToken");
    expect(await session.accessToken("a2")).toBe("a3");
  });

  it("ends when its refresh token is spent", async () => {
    cookie = "r0";
    const session = new Session(storage, sharedLocks());
    const changed = vi.fn();
    session.subscribe(changed);
    await expect(session.accessToken()).rejects.toMatchObject({ code: "unauthenticated" });
    expect(session.user()).toBeNull();
    expect(storage.read()).toBeNull();
    expect(changed).toHaveBeenCalled();
  });

  it("stays when the server cannot be reached", async () => {
    server.mockRejectedValue(new TypeError("Failed to fetch"));
    const session = new Session(storage, sharedLocks());
    await expect(session.accessToken()).rejects.toMatchObject({ code: "network" });
    expect(session.user()).toEqual(ann);
  });
});
