import { expectTypeOf, test } from "vitest";
import type { BucketAddress } from "../../schema/internal/bucket-address.ts";
import type { ConversationId } from "../../schema/wire/conversation-id.ts";
import type { ClientId, GroupId, MessageId, Seq, SessionId, UserId } from "../../schema/wire/ids.ts";
import type { ProblemCode } from "../../schema/wire/problem.ts";
import type { BucketRpc } from "./bucket.ts";
import type { LogicRpc } from "./logic.ts";

/**
 * The calls between connect and logic as they were released. A deployment lets a bucket run its old code for minutes
 * beside new logic and new connect, so shapes grow: these tests do not compile once today's side takes less or returns
 * less than the released other side relies on. A release copies today's shapes here, and keeps the ones before it for as long
 * as their buckets may run.
 */
type ReleasedFrame =
  | { op: "send"; conversation: ConversationId; clientId: ClientId; content: { type: "text"; text: string } }
  | {
      op: "edit";
      conversation: ConversationId;
      clientId: ClientId;
      messageId: MessageId;
      content: { type: "text"; text: string };
    }
  | { op: "read"; conversation: ConversationId; seq: Seq }
  | { op: "typing"; conversation: ConversationId };

type ReleasedOutcome = { ok: true; value: null } | { ok: false; code: ProblemCode; detail?: string };
type ReleasedMember = { userId: UserId; groupIds: GroupId[] };

/** What a released bucket calls. Properties, not methods: their parameters are compared strictly. */
type ReleasedLogic = {
  submit: (batch: { userId: UserId; frame: ReleasedFrame }[]) => Promise<ReleasedOutcome[]>;
  buckets: {
    arrive: (address: BucketAddress, userIds: UserId[]) => Promise<GroupId[][]>;
    depart: (address: BucketAddress, members: ReleasedMember[], emptyGroupIds: GroupId[]) => Promise<void>;
    renew: (address: BucketAddress, sockets: number) => Promise<boolean>;
    register: (address: BucketAddress, members: ReleasedMember[], sockets: number) => Promise<void>;
    release: (address: BucketAddress) => Promise<void>;
    verify: (
      people: { userId: UserId; sessionIds: SessionId[] }[],
    ) => Promise<{ groupIds: GroupId[]; endedSessionIds: SessionId[] }[]>;
  };
};

type ReleasedRecipients = { kind: "users"; userIds: UserId[] } | { kind: "group"; groupId: GroupId };
type ReleasedControl =
  | { kind: "link" | "unlink"; userId: UserId; groupId: GroupId; offset: number }
  | { kind: "close"; userId: UserId; sessionId: SessionId };

/** What a released connect calls. */
type ReleasedBucket = {
  deliver: (
    items: { to: ReleasedRecipients; events: string[]; control?: ReleasedControl }[],
  ) => Promise<void>;
  register: () => Promise<void>;
};

/** An interface with its methods as properties, which TypeScript compares strictly. */
type Strict<Rpc> = { [Name in keyof Rpc]: Rpc[Name] };

test("a released bucket can call today's logic", () => {
  expectTypeOf<Strict<LogicRpc>["submit"]>().toExtend<ReleasedLogic["submit"]>();
  expectTypeOf<Strict<LogicRpc["buckets"]>>().toExtend<ReleasedLogic["buckets"]>();
});

test("a released connect can call today's bucket", () => {
  expectTypeOf<Strict<BucketRpc>>().toExtend<ReleasedBucket>();
});
