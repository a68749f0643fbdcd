import type { BucketAddress } from "../../schema/internal/bucket-address.ts";
import type { Topic } from "../../schema/internal/topic.ts";
import type { Friend, FriendRequest } from "../../schema/wire/friend.ts";
import type { Group, NewGroup } from "../../schema/wire/group.ts";
import type { LayerHealth } from "../../schema/wire/health.ts";
import type { FriendRequestId, GroupId, SessionId, UserId } from "../../schema/wire/ids.ts";
import type { ClientFrame } from "../../schema/wire/operation.ts";
import type { Outcome } from "./outcome.ts";

/** What somebody wants done, with who wants it. */
export type Submission<Frame extends ClientFrame = ClientFrame> = { userId: UserId; frame: Frame };

/** What a bucket holds of one person: the groups are those whose lists the person's channels are linked into. */
export type BucketMember = { userId: UserId; groupIds: GroupId[] };

/** What a bucket asks about one person: whether these sessions have ended, and which groups the person is in. */
export type HeldPerson = { userId: UserId; sessionIds: SessionId[] };

/** What is true of one person. */
export type VerifiedPerson = { groupIds: GroupId[]; endedSessionIds: SessionId[] };

/** The buckets: who is where. */
export interface BucketsRpc {
  /**
   * People have come to a bucket. Registers their routes, then reads their groups, then registers the groups' routes:
   * once this has returned, whatever is stored for them is pushed to the bucket. Returns each one's groups, in order.
   */
  arrive(address: BucketAddress, userIds: UserId[]): Promise<GroupId[][]>;

  /**
   * People have left a bucket and stayed away for the grace time. `emptyGroupIds` are the groups whose lists in this
   * bucket are empty now.
   */
  depart(address: BucketAddress, members: BucketMember[], emptyGroupIds: GroupId[]): Promise<void>;

  /**
   * Renews a bucket's lease, for 90 s. Returns false when Redis does not know the bucket (it came back empty, or the
   * lease had lapsed): the bucket then registers all that it holds.
   */
  renew(address: BucketAddress, sockets: number): Promise<boolean>;

  /** Registers all that a bucket holds, with its lease; what Redis knew of the bucket and is not named is forgotten. */
  register(address: BucketAddress, members: BucketMember[], sockets: number): Promise<void>;

  /** The bucket has no sockets any more: its lease ends. */
  release(address: BucketAddress): Promise<void>;

  /** Returns what is true of people, in order: one statement, for at most 1,000 of them. */
  verify(people: HeldPerson[]): Promise<VerifiedPerson[]>;
}

/** Friendships and the requests for them. */
export interface FriendsRpc {
  /** Asks for a friendship; when the other side has already asked, both are friends. */
  request(
    from: UserId,
    to: UserId,
    note: string | null,
  ): Promise<Outcome<{ kind: "requested"; request: FriendRequest } | { kind: "accepted"; friend: Friend }>>;
  accept(userId: UserId, requestId: FriendRequestId): Promise<Outcome<Friend>>;
  decline(userId: UserId, requestId: FriendRequestId): Promise<Outcome<null>>;
  remove(userId: UserId, friendId: UserId): Promise<Outcome<null>>;
}

/** Groups and who is in them. */
export interface GroupsRpc {
  create(ownerId: UserId, group: NewGroup): Promise<Outcome<Group>>;
  join(userId: UserId, groupId: GroupId): Promise<Outcome<Group>>;
  leave(userId: UserId, groupId: GroupId): Promise<Outcome<null>>;
}

/** The rules: who may write to whom, who is in what; accepted operations go into the log. */
export interface LogicRpc {
  /**
   * Judges a batch and does what is allowed: operations go into the log, in order; signals take effect. Returns an
   * outcome each, in the same order, once all that is accepted is durable. Throws when the log does not answer: the
   * outcome of operations is then unknown and their senders submit them again under the same client ids. Any batch
   * costs the same few round trips.
   */
  submit(batch: Submission[]): Promise<Outcome<null>[]>;

  readonly buckets: BucketsRpc;
  readonly friends: FriendsRpc;
  readonly groups: GroupsRpc;

  /**
   * Puts facts that were committed to Postgres under these topics into the log now instead of at the next cron. Never
   * throws for the log's sake.
   */
  relayFacts(topics: Topic[]): Promise<void>;

  health(): Promise<LayerHealth>;
}
