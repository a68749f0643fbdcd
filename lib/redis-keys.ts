import type { BucketAddress } from "../schema/internal/bucket-address.ts";
import type { Topic } from "../schema/internal/topic.ts";
import type { ConversationId } from "../schema/wire/conversation-id.ts";
import type { GroupId, SessionId, UserId } from "../schema/wire/ids.ts";

/** Every key the system keeps in Redis. All of it can be rebuilt; nothing here is the only copy of anything. */
export const redisKeys = {
  /** string, set once Redis is whole: when it is gone, Redis came back empty and is to be rebuilt */
  epoch: "epoch",
  /** string: the owner of the lock on rebuilding Redis; 15 s, extended while it goes on */
  recovery: "lock:recovery",

  /** sorted set: `<topic> <mark>`, scored by when the topic was marked *behind* (ms) */
  behind: "behind",
  /** string: the owner of a topic's lock, for 30 s */
  lock: (topic: Topic) => `lock:${topic}`,
  /** counter: how often somebody knocked at a topic since it was last found idle */
  wake: (topic: Topic) => `wake:${topic}`,
  /** string: the offset of a topic's next record to drain, written when a lock is released; a day */
  nextOffset: (topic: Topic) => `next:${topic}`,
  /** hash: Snowflake worker id → the last millisecond that it stamped */
  snowflakeClock: "snowflake:clock",
  /** string: the lease on a Snowflake worker id */
  snowflakeWorker: (workerId: number) => `snowflake:worker:${workerId}`,

  /** string: whether a person may write into a conversation: `ok` or a problem code; written through, five minutes */
  mayWrite: (conversation: ConversationId, userId: UserId) => `may:${conversation}:${userId}`,

  /** string: somebody has been typing in a conversation; for as long as they are not told to be typing again */
  typing: (conversation: ConversationId, userId: UserId) => `typing:${conversation}:${userId}`,

  /** set of bucket addresses: where a person's sockets are */
  userRoutes: (userId: UserId) => `routes:user:${userId}`,
  /** set of bucket addresses: which buckets hold members of a group */
  groupRoutes: (groupId: GroupId) => `routes:group:${groupId}`,
  /** set of user ids: who of a group is online */
  groupOnline: (groupId: GroupId) => `online:group:${groupId}`,
  /** string: since when somebody is online (RFC 3339); gone when they are not */
  presence: (userId: UserId) => `presence:${userId}`,

  /** sorted set: bucket address, scored by when its lease lapses (ms) */
  bucketLeases: "buckets",
  /** set of bucket addresses: buckets that a recovery could not register and that have not registered since */
  missedBuckets: "buckets:missed",
  /** hash: bucket address → how many sockets it holds */
  bucketSockets: "buckets:sockets",
  /** set of user ids: who is registered in a bucket */
  bucketUsers: (address: BucketAddress) => `bucket:${address}:users`,
  /** set of group ids: which groups have this bucket among their routes */
  bucketGroups: (address: BucketAddress) => `bucket:${address}:groups`,

  /** list: status records waiting to be drained */
  status: "status",
  /** string: the owner of the status drain's lock */
  statusLock: "lock:status",

  /** string: what a connect ticket stands for, by the SHA-256 of the ticket; 30 s, good once */
  ticket: (hash: string) => `ticket:${hash}`,
  /** string: a session that has ended, while access tokens of it are still alive */
  endedSession: (sessionId: SessionId) => `ended:${sessionId}`,
  /** counter: uses of a limit in one of its windows, by whom they are counted for; the window's length */
  rateLimit: (name: string, subject: string, window: number) => `rate:${name}:${subject}:${window}`,
} as const;
