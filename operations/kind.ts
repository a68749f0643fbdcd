import type { Clients } from "../lib/clients.ts";
import type { OperationLimits } from "../lib/operation-limits.ts";
import type { Submission } from "../lib/rpc/logic.ts";
import type { Refusal } from "../lib/rpc/outcome.ts";
import type { PermissionChange } from "../lib/write-permission.ts";
import type { Fact } from "../schema/internal/fact.ts";
import type { Control, Recipients } from "../schema/internal/recipients.ts";
import type { StatusRecord } from "../schema/internal/status-record.ts";
import type { Topic } from "../schema/internal/topic.ts";
import { type ConversationId, conversationParts } from "../schema/wire/conversation-id.ts";
import type { GroupId, MessageId, UserId } from "../schema/wire/ids.ts";
import type { ClientFrame, Operation, Signal } from "../schema/wire/operation.ts";
import type { ServerEvent } from "../schema/wire/socket.ts";

/** One SQL statement with its parameters, a part of the transaction that applies a batch. */
export type Statement = { text: string; values: unknown[] };

/** A row as the database client returns it: parsed where it is read. */
export type Row = Record<string, unknown>;

/** A logged operation that is about to be applied, with the id of the message that it may make. */
export type LoggedOperation<Op extends Operation = Operation> = {
  kind: "operation";
  topic: Topic;
  offset: number;
  id: MessageId;
  senderId: UserId;
  acceptedAt: string;
  operation: Op;
};

/** A logged fact, before what is true of it is read, with the id of the message that it may make. */
export type LoggedFact<F extends Fact = Fact> = {
  kind: "fact";
  topic: Topic;
  offset: number;
  id: MessageId;
  fact: F;
};

/** Who is online, of those whom a batch asked for. */
export type Online = { users: ReadonlySet<UserId>; counts: ReadonlyMap<GroupId, number> };

/** What something applied causes: an event for people, a control for their buckets, a permission that has changed. */
export type Effect = {
  to: Recipients;
  event?: ServerEvent;
  control?: Control;
  permission?: PermissionChange;
};

/**
 * What task does with one kind of record. `apply` gets a run: records of this kind, in log order, no two of which
 * change the same (see `changes`). Its statement returns at most one row a record, with the record's index in `place`;
 * `push` reads that row, undefined where there is none.
 */
type Applicable<Logged> = {
  apply(run: Logged[]): Statement;
  push(logged: Logged, row: Row | undefined, online: Online): Effect[];
};

/** What a kind judges operations with: the stores and the limits. */
export type Judge = Clients & { limits: OperationLimits };

/** A kind of operation, from its acceptance to its push. */
export type OperationKind<Op extends Operation> = Applicable<LoggedOperation<Op>> & {
  /**
   * Judges operations whose senders may write into their conversations, all in one batch: what must be known is
   * fetched for all of them at once. Returns a refusal or null each, in order.
   */
  authorise(judge: Judge, batch: Submission<Op>[]): Promise<(Refusal | null)[]>;
  /**
   * The message that an operation changes, if it changes one that exists, or the conversation, if it changes more of it:
   * it is applied after all operations on the same that came before. Null when a run may hold any number of them.
   */
  changes(operation: Op): MessageId | ConversationId | null;
};

/** A kind of fact: `apply` reads what is true of it now, and `online` says whose presence its events show. */
export type FactKind<F extends Fact> = Applicable<LoggedFact<F>> & {
  online(fact: F): { userIds?: UserId[]; groupIds?: GroupId[] };
};

/** A kind of signal: takes effect in logic, for a whole batch, and leaves the rest to the status list. */
export type SignalKind<S extends Signal> = {
  signal(
    clients: Clients,
    batch: Submission<S>[],
  ): Promise<{ refusals: (Refusal | null)[]; status: StatusRecord[] }>;
};

/** The frame of one kind among all. */
export type FrameOf<Op extends ClientFrame["op"]> = Extract<ClientFrame, { op: Op }>;

/** Everybody a conversation's events go to. */
export function conversationRecipients(conversation: ConversationId): Recipients {
  const parts = conversationParts(conversation);
  return parts.kind === "group"
    ? { kind: "group", groupId: parts.groupId }
    : { kind: "users", userIds: [...parts.users] };
}

/** One person, on all their devices. */
export function person(userId: UserId): Recipients {
  return { kind: "users", userIds: [userId] };
}
