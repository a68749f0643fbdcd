import type { BucketAddress } from "../schema/internal/bucket-address.ts";
import type { Topic } from "../schema/internal/topic.ts";
import type { ConversationId } from "../schema/wire/conversation-id.ts";
import type { GroupId, SessionId, UserId } from "../schema/wire/ids.ts";

/** Every key that the system keeps in Redis. None holds the only copy of anything: all can be rebuilt. */
export const redisKeys = {
  /** string, set when Redis is complete: when it is missing, Redis has lost its data and recovery must rebuild it */
  epoch: "epoch",
  /** string: the owner of the recovery lock; expires after 15 s, extended while recovery runs */
  recovery: "lock:recovery",

  /** sorted set: `<topic> <mark>`; the score is the time at which the topic was marked *behind* (ms) */
  behind: "behind",
  /** string: the owner of a topic's lock; expires after 30 s */
  lock: (topic: Topic) => `lock:${topic}`,
  /** counter: the wake-ups of a topic since it was last released without a new one */
  wake: (topic: Topic) => `wake:${topic}`,
  /** string: the offset of a topic's next record to drain, set when a lock is released; expires after a day */
  nextOffset: (topic: Topic) => `next:${topic}`,
  /** hash: Snowflake worker id → the millisecond of its newest id */
  snowflakeClock: "snowflake:clock",
  /** string: the lease on a Snowflake worker id */
  snowflakeWorker: (workerId: number) => `snowflake:worker:${workerId}`,

  /** string: a write permission, a `standingText` or a problem code; every change is written through; expires after five minutes */
  mayWrite: (conversation: ConversationId, userId: UserId) => `may:${conversation}:${userId}`,

  /** string: the `posting` of a group, or `gone`; every change is written through; expires after five minutes */
  posting: (conversation: ConversationId) => `posting:${conversation}`,

  /** string: exists while further typing signals of a person in a conversation are not pushed */
  typing: (conversation: ConversationId, userId: UserId) => `typing:${conversation}:${userId}`,

  /** set of bucket addresses: the buckets that hold sockets of a person */
  userRoutes: (userId: UserId) => `routes:user:${userId}`,
  /** set of bucket addresses: the buckets that hold sockets of a group's members */
  groupRoutes: (groupId: GroupId) => `routes:group:${groupId}`,
  /** set of user ids: the members of a group who are online */
  groupOnline: (groupId: GroupId) => `online:group:${groupId}`,
  /** string: exists while a further online count of a group is not pushed, for a second after one was */
  countPushed: (groupId: GroupId) => `counted:group:${groupId}`,
  /** sorted set: ids of groups whose online count is still to be pushed; the score is the time at which it may be (ms) */
  dueCounts: "counts:due",
  /** string: since when a person is online (RFC 3339); missing while they are offline */
  presence: (userId: UserId) => `presence:${userId}`,

  /** sorted set: bucket addresses; the score is the time at which the lease lapses (ms) */
  bucketLeases: "buckets",
  /** set of bucket addresses: the buckets that a recovery failed to register and that have not registered since */
  missedBuckets: "buckets:missed",
  /** hash: bucket address → its number of sockets */
  bucketSockets: "buckets:sockets",
  /** set of user ids: the people whose routes include this bucket */
  bucketUsers: (address: BucketAddress) => `bucket:${address}:users`,
  /** set of group ids: the groups whose routes include this bucket */
  bucketGroups: (address: BucketAddress) => `bucket:${address}:groups`,

  /** list: the status records to drain */
  status: "status",
  /** string: the owner of the status drain's lock */
  statusLock: "lock:status",

  /** string: the `Ticket` of a connect ticket, by the SHA-256 of its text; expires after 30 s, deleted by its first use */
  ticket: (hash: string) => `ticket:${hash}`,
  /** string: exists for an ended session until its last access token has expired */
  endedSession: (sessionId: SessionId) => `ended:${sessionId}`,
  /** the beginning of a limit's counters, one a subject and window; each expires after the length of the window */
  rateLimit: (name: string) => `rate:${name}`,
} as const;
