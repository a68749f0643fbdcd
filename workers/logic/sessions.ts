import { userTopic } from "../../lib/topic.ts";
import type { SessionId, UserId } from "../../schema/wire/ids.ts";
import { append, type Operation } from "./append.ts";
import type { Logic } from "./context.ts";

/** Has the sockets of sessions that have ended closed, wherever they are. */
export async function endSessions(logic: Logic, userId: UserId, sessionIds: SessionId[]): Promise<void> {
  const topic = userTopic(userId);
  const closings = sessionIds.map((sessionId): Operation => {
    const control = { kind: "close", userId, sessionId } as const;
    return { topic, record: { kind: "notice", to: { kind: "users", userIds: [userId] }, control } };
  });
  await append(logic, closings);
}
