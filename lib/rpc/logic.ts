import type { BucketAddress } from "../../schema/internal/bucket-address.ts";
import type { Topic } from "../../schema/internal/topic.ts";
import type { Friend, FriendRequest } from "../../schema/wire/friend.ts";
import type { Group, GroupChange, Member, MemberChange, NewGroup } from "../../schema/wire/group.ts";
import type { LayerHealth } from "../../schema/wire/health.ts";
import type { FriendRequestId, GroupId, InviteId, SessionId, UserId } from "../../schema/wire/ids.ts";
import type { InviteToken, NewInvite } from "../../schema/wire/invite.ts";
import type { MediaUrl } from "../../schema/wire/media.ts";
import type { ClientFrame } from "../../schema/wire/operation.ts";
import type { InviteView } from "../views/invite.ts";
import type { Outcome } from "./outcome.ts";

/** A client's frame and its sender. */
export type Submission<Frame extends ClientFrame = ClientFrame> = { userId: UserId; frame: Frame };

/** A person in a bucket, and the groups into whose lists the person's channels are linked. */
export type BucketMember = { userId: UserId; groupIds: GroupId[] };

/** A person in a bucket whose groups are to be read and whose sessions are to be checked. */
export type HeldPerson = { userId: UserId; sessionIds: SessionId[] };

/** The stored groups of one person, and those of the given sessions that have ended. */
export type VerifiedPerson = { groupIds: GroupId[]; endedSessionIds: SessionId[] };

/** The registry of buckets and the people in them. */
export interface BucketsRpc {
  /**
   * Called when people open their first socket in a bucket. Registers their routes, then reads their groups, then
   * registers the groups' routes: everything stored after this returns is pushed to the bucket. Returns the groups of
   * each person, in order.
   */
  arrive(address: BucketAddress, userIds: UserId[]): Promise<GroupId[][]>;

  /**
   * Called when people have had no socket in a bucket for the grace time. `emptyGroupIds` are the groups that have no
   * member left in the bucket.
   */
  depart(address: BucketAddress, members: BucketMember[], emptyGroupIds: GroupId[]): Promise<void>;

  /**
   * Renews a bucket's lease, for 90 s. Returns false when Redis does not know the bucket (Redis has lost its data, or the
   * lease had lapsed): the bucket then registers all that it holds.
   */
  renew(address: BucketAddress, sockets: number): Promise<boolean>;

  /** Registers all that a bucket holds, with its lease. Replaces the bucket's earlier registration. */
  register(address: BucketAddress, members: BucketMember[], sockets: number): Promise<void>;

  /** Ends the lease of a bucket that has no sockets any more. */
  release(address: BucketAddress): Promise<void>;

  /** Reads the stored state of at most 1,000 people, in order, in one statement. */
  verify(people: HeldPerson[]): Promise<VerifiedPerson[]>;
}

/** Friendships and friend requests. */
export interface FriendsRpc {
  /** Sends a friend request; when there is one in the other direction, accepts that instead. */
  request(
    from: UserId,
    to: UserId,
    note: string | null,
  ): Promise<Outcome<{ kind: "requested"; request: FriendRequest } | { kind: "accepted"; friend: Friend }>>;
  accept(userId: UserId, requestId: FriendRequestId): Promise<Outcome<Friend>>;
  decline(userId: UserId, requestId: FriendRequestId): Promise<Outcome<null>>;
  remove(userId: UserId, friendId: UserId): Promise<Outcome<null>>;
}

/** Accounts as a whole. */
export interface AccountsRpc {
  /** Deletes an account, whose password was verified; repeating it changes nothing. */
  remove(userId: UserId): Promise<void>;
}

/** Who has blocked whom. Both are idempotent. */
export interface BlocksRpc {
  block(userId: UserId, blockedId: UserId): Promise<Outcome<null>>;
  unblock(userId: UserId, blockedId: UserId): Promise<Outcome<null>>;
}

/** What changes of a group, its picture included. Without any of it, nothing changes but who may not is refused. */
export type GroupUpdate = GroupChange & { avatarUrl?: MediaUrl | null };

/** Groups and their members. */
export interface GroupsRpc {
  create(ownerId: UserId, group: NewGroup): Promise<Outcome<Group>>;
  change(callerId: UserId, groupId: GroupId, change: GroupUpdate): Promise<Outcome<Group>>;
  /** Returns null when the person has to wait to be let in. */
  join(userId: UserId, groupId: GroupId): Promise<Outcome<Group | null>>;
  leave(userId: UserId, groupId: GroupId): Promise<Outcome<null>>;
  remove(callerId: UserId, groupId: GroupId): Promise<Outcome<null>>;
}

/** What the owner and admins of a group do with its members. */
export interface MembersRpc {
  add(callerId: UserId, groupId: GroupId, userIds: UserId[]): Promise<Outcome<Group>>;
  change(callerId: UserId, groupId: GroupId, userId: UserId, change: MemberChange): Promise<Outcome<Member>>;
  remove(callerId: UserId, groupId: GroupId, userId: UserId): Promise<Outcome<null>>;
}

/** Who waits to be let into a group. */
export interface JoinRequestsRpc {
  accept(callerId: UserId, groupId: GroupId, userId: UserId): Promise<Outcome<Member>>;
  decline(callerId: UserId, groupId: GroupId, userId: UserId): Promise<Outcome<null>>;
}

/** Links with which anybody may join a group. */
export interface InvitesRpc {
  create(callerId: UserId, groupId: GroupId, invite: NewInvite): Promise<Outcome<InviteView>>;
  revoke(callerId: UserId, groupId: GroupId, inviteId: InviteId): Promise<Outcome<null>>;
  accept(callerId: UserId, token: InviteToken): Promise<Outcome<Group>>;
}

/** The rules: who may write to whom, who is in which group. Accepted operations go into the log. */
export interface LogicRpc {
  /**
   * Authorises a batch and carries out what is allowed: operations go into the log, in order; signals take effect.
   * Returns one outcome for each submission, in the same order, once all accepted operations are durable. Throws when
   * the log fails: the outcome of operations is then unknown, and their senders submit them again under the same client
   * ids. The number of round trips does not depend on the size of the batch.
   */
  submit(batch: Submission[]): Promise<Outcome<null>[]>;

  readonly accounts: AccountsRpc;
  readonly buckets: BucketsRpc;
  readonly blocks: BlocksRpc;
  readonly friends: FriendsRpc;
  readonly groups: GroupsRpc;
  readonly members: MembersRpc;
  readonly joinRequests: JoinRequestsRpc;
  readonly invites: InvitesRpc;

  /**
   * Puts the pending facts of these topics into the log now, instead of at the next cron. Does not throw when the log
   * fails: the facts stay in Postgres for cron.
   */
  relayFacts(topics: Topic[]): Promise<void>;

  health(): Promise<LayerHealth>;
}
