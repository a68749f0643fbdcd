import type { BucketAddress } from "../../schema/internal/bucket-address.ts";
import type { ConversationId } from "../../schema/wire/conversation-id.ts";
import type { Friend, FriendRequest } from "../../schema/wire/friend.ts";
import type { Group, NewGroup } from "../../schema/wire/group.ts";
import type { LayerHealth } from "../../schema/wire/health.ts";
import type { FriendRequestId, GroupId, Seq, SessionId, UserId } from "../../schema/wire/ids.ts";
import type { NewMessage } from "../../schema/wire/message.ts";
import type { ProblemDocument } from "../../schema/wire/problem.ts";
import type { Outcome } from "./outcome.ts";

/** A message somebody wants to write, with who says so. */
export type Submission = NewMessage & { senderId: UserId };

/** The answer to one submission: durably in the log, or refused with nothing stored. */
export type SubmissionOutcome = { ok: true } | { ok: false; problem: ProblemDocument };

/** How far somebody has read. */
export type ReadMarker = { userId: UserId; conversation: ConversationId; seq: Seq };

/** What a bucket holds of one person: the groups are those whose lists the person's channels are linked into. */
export type BucketMember = { userId: UserId; groupIds: GroupId[] };

/** The rules: who may write to whom, who is in what; accepted operations go into the log. */
export interface LogicRpc {
  /**
   * Puts a batch of messages into the log, in order; answers in the same order once all that is accepted is durable.
   * Throws when the log does not answer: the outcome is then unknown and the sender asks again with the same client id.
   * Any batch costs the same few round trips.
   */
  submit(batch: Submission[]): Promise<SubmissionOutcome[]>;

  /** Moves read cursors forward, never back, and tells the others. Answers per marker whether the reader may. */
  read(markers: ReadMarker[]): Promise<Outcome<null>[]>;

  /**
   * People have come to a bucket. Registers their routes, then reads their groups, then registers the groups' routes:
   * once this has answered, whatever is stored for them is pushed to the bucket. Answers each one's groups, in order.
   */
  arrive(address: BucketAddress, userIds: UserId[]): Promise<GroupId[][]>;

  /**
   * People have left a bucket and stayed away for the grace time. `emptyGroupIds` are the groups whose lists in this
   * bucket are empty now.
   */
  depart(address: BucketAddress, members: BucketMember[], emptyGroupIds: GroupId[]): Promise<void>;

  /**
   * Renews a bucket's lease, for 90 s. Answers false when Redis does not know the bucket (it came back empty, or the
   * lease had lapsed): the bucket then registers all that it holds.
   */
  renew(address: BucketAddress, sockets: number): Promise<boolean>;

  /** Registers all that a bucket holds, with its lease; what Redis knew of the bucket and is not named is forgotten. */
  register(address: BucketAddress, members: BucketMember[], sockets: number): Promise<void>;

  /** The bucket has no sockets any more: its lease ends. */
  release(address: BucketAddress): Promise<void>;

  /** Asks for a friendship; when the other side has already asked, both are friends. */
  requestFriend(
    from: UserId,
    to: UserId,
    note: string | null,
  ): Promise<Outcome<{ kind: "requested"; request: FriendRequest } | { kind: "accepted"; friend: Friend }>>;
  acceptFriend(userId: UserId, requestId: FriendRequestId): Promise<Outcome<Friend>>;
  declineFriend(userId: UserId, requestId: FriendRequestId): Promise<Outcome<null>>;
  removeFriend(userId: UserId, friendId: UserId): Promise<Outcome<null>>;

  createGroup(ownerId: UserId, group: NewGroup): Promise<Outcome<Group>>;
  joinGroup(userId: UserId, groupId: GroupId): Promise<Outcome<Group>>;
  leaveGroup(userId: UserId, groupId: GroupId): Promise<Outcome<null>>;

  /** The sockets of sessions that have ended are closed. */
  endSessions(userId: UserId, sessionIds: SessionId[]): Promise<void>;

  health(): Promise<LayerHealth>;
}
