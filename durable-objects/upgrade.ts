import { z } from "zod";
import { SessionId, UserId } from "../schema/wire/ids.ts";

/** Who opens a socket, as the connect Worker has verified. */
export type Caller = { userId: UserId; sessionId: SessionId };

const USER_HEADER = "edge-im-user";
const SESSION_HEADER = "edge-im-session";

const Headers = z.object({ userId: UserId, sessionId: SessionId });

/** The request with which the connect Worker passes an upgrade to a bucket; nothing of the client's is in it. */
export function upgradeRequest({ userId, sessionId }: Caller): Request {
  return new Request("https://bucket/", {
    headers: { Upgrade: "websocket", [USER_HEADER]: userId, [SESSION_HEADER]: sessionId },
  });
}

/** Who opens the socket. */
export function callerOf(request: Request): Caller {
  return Headers.parse({
    userId: request.headers.get(USER_HEADER),
    sessionId: request.headers.get(SESSION_HEADER),
  });
}
