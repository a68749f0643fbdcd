import { and, eq, gt, isNull, ne, type SQL, sql } from "drizzle-orm";
import { ACCESS_TOKEN_SECONDS, type Caller, signAccessToken } from "../../lib/access-token.ts";
import { markSessionEnded } from "../../lib/ended-session.ts";
import { Problem } from "../../lib/problem.ts";
import { userTopic } from "../../lib/topic.ts";
import { userColumn } from "../../lib/views/user.ts";
import { sessions } from "../../schema/tables/sessions.ts";
import { users } from "../../schema/tables/users.ts";
import type { SignedIn } from "../../schema/wire/account.ts";
import { SessionId, type UserId } from "../../schema/wire/ids.ts";
import type { User } from "../../schema/wire/user.ts";
import type { Api } from "./context.ts";
import { type RefreshClaim, signRefreshToken } from "./refresh-token.ts";

/** The id of a new session. */
export function newSessionId(): SessionId {
  return SessionId.parse(crypto.randomUUID());
}

/** The name of a device, as stored: the beginning of its User-Agent. */
export function deviceName(userAgent: string | undefined): string {
  return (userAgent ?? "unknown").slice(0, 256);
}

/** The condition that a session has neither ended nor expired. */
export const sessionIsLive = and(isNull(sessions.endedAt), gt(sessions.expiresAt, sql`now()`));

/** The expiry of a refresh token made now. */
export function newExpiry({ settings }: Api): SQL {
  return sql`now() + make_interval(days => ${settings.SESSION_DAYS})`;
}

/** Makes the access token and the refresh token of a session's generation. */
export async function signIn(
  { jwtSecrets }: Api,
  user: User,
  sessionId: SessionId,
  generation = 0,
): Promise<SignedIn> {
  const caller: Caller = { userId: user.id, sessionId };
  const [accessToken, refreshToken] = await Promise.all([
    signAccessToken(jwtSecrets, caller, ACCESS_TOKEN_SECONDS),
    signRefreshToken(jwtSecrets, { sessionId, generation }),
  ]);
  return { user, accessToken, refreshToken, expiresIn: ACCESS_TOKEN_SECONDS };
}

/**
 * Exchanges a refresh token for new tokens. A second use means that the token was stolen, and the server cannot tell the
 * owner from the thief, so it ends the whole session.
 */
export async function refresh(api: Api, { sessionId, generation }: RefreshClaim): Promise<SignedIn> {
  const [renewed] = await api.database
    .update(sessions)
    .set({ generation: generation + 1, usedAt: sql`now()`, expiresAt: newExpiry(api) })
    .from(users)
    .where(
      and(
        eq(users.id, sessions.userId),
        eq(sessions.id, sessionId),
        eq(sessions.generation, generation),
        sessionIsLive,
        isNull(users.deletedAt),
      ),
    )
    .returning({ user: userColumn });
  if (renewed !== undefined) return signIn(api, renewed.user, sessionId, generation + 1);

  const [reused] = await api.database
    .update(sessions)
    .set({ endedAt: sql`now()` })
    .where(and(eq(sessions.id, sessionId), gt(sessions.generation, generation), isNull(sessions.endedAt)))
    .returning({ userId: sessions.userId });
  if (reused !== undefined) {
    api.log.warn("refresh token used again", { userId: reused.userId, sessionId });
    await closeSessions(api, reused.userId, [sessionId]);
  }
  throw new Problem("invalid_refresh_token");
}

/** Ends a session in the database. Returns false when the person has no such live session. */
export async function markEnded(api: Api, { userId, sessionId }: Caller): Promise<boolean> {
  const ended = await api.database
    .update(sessions)
    .set({ endedAt: sql`now()` })
    .where(and(eq(sessions.id, sessionId), eq(sessions.userId, userId), sessionIsLive))
    .returning({ id: sessions.id });
  return ended.length > 0;
}

/** Ends every session of a person but the caller's. */
export async function endOtherSessions(api: Api, { userId, sessionId }: Caller): Promise<void> {
  const ended = await api.database
    .update(sessions)
    .set({ endedAt: sql`now()` })
    .where(and(eq(sessions.userId, userId), ne(sessions.id, sessionId), sessionIsLive))
    .returning({ id: sessions.id });
  await closeSessions(
    api,
    userId,
    ended.map(({ id }) => id),
  );
}

/** For sessions that have ended in the database: revokes their access tokens and has their sockets closed. */
export async function closeSessions(api: Api, userId: UserId, sessionIds: SessionId[]): Promise<void> {
  if (sessionIds.length === 0) return;
  const pipeline = api.redis.pipeline();
  for (const id of sessionIds) markSessionEnded(pipeline, id);
  await pipeline.exec();
  await api.logic.relayFacts([userTopic(userId)]);
}
